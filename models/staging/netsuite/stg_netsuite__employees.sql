{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'employee', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as employee_id,
    {{ as_text('entityid') }} as entity_number,
    {{ as_text('externalid') }} as external_id,
    {{ as_text('firstname') }} as first_name,
    {{ as_text('lastname') }} as last_name,
    {{ as_text('email') }} as email,
    {{ as_text('subsidiary') }} as subsidiary_id,
    {{ as_text('department') }} as department_id,
    {{ as_boolean('isinactive') }} as is_inactive
from current_rows
