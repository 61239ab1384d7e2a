{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'workspace_resources', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as workspace_resource_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_text('role_id') }} as role_id,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
