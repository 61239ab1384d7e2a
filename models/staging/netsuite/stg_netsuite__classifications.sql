{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'classification', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as classification_id,
    {{ as_text('name') }} as classification_name,
    {{ as_boolean('isinactive') }} as is_inactive
from current_rows
