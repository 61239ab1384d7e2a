{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'account', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as account_id,
    {{ as_text('acctnumber') }} as account_number,
    {{ as_text('accttype') }} as account_type,
    {{ as_text('fullname') }} as account_name,
    {{ as_boolean('isinactive') }} as is_inactive,
    {{ as_boolean('eliminate') }} as is_eliminating
from current_rows
