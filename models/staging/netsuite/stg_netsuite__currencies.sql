{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'currency', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as currency_id,
    {{ as_text('name') }} as currency_name,
    {{ as_text('symbol') }} as currency,
    {{ as_boolean('isbasecurrency') }} as is_base,
    {{ as_integer('currencyprecision') }} as currency_precision
from current_rows
