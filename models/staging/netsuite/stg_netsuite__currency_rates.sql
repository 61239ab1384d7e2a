{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'currencyrate', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as currency_rate_id,
    {{ as_text('basecurrency') }} as base_currency_id,
    {{ as_text('transactioncurrency') }} as transaction_currency_id,
    {{ as_date('effectivedate') }} as effective_on,
    {{ as_rate('exchangerate') }} as exchange_rate
from current_rows
