{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'external_references', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as external_reference_id,
    {{ as_text('subject_type') }} as subject_type,
    {{ as_text('subject_id') }} as subject_id,
    {{ as_text('service_name') }} as service_name,
    {{ as_text('service_model') }} as service_model,
    {{ as_text('service_model_ref') }} as service_model_ref,
    {{ as_text('status') }} as status,
    {{ as_boolean('locked') }} as is_locked,
    {{ as_instant('last_synced_at') }} as last_synced_at,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
