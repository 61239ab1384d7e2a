{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'custom_field_values', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as custom_field_value_id,
    {{ as_text('subject_type') }} as subject_type,
    {{ as_text('subject_id') }} as subject_id,
    {{ as_text('custom_field_id') }} as custom_field_id,
    {{ as_text('custom_field_name') }} as field_name,
    {{ as_text('type') }} as value_type,
    {{ as_text('value') }} as field_value,
    {{ as_text('display_value') }} as display_value,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
