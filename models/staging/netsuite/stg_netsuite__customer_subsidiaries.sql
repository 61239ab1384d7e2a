{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'customersubsidiaryrelationship', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as customer_subsidiary_id,
    {{ as_text('entity') }} as customer_id,
    {{ as_text('subsidiary') }} as subsidiary_id,
    {{ as_boolean('isprimarysub') }} as is_primary
from current_rows
