{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'workspace_allocations', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as workspace_allocation_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_text('workspace_resource_id') }} as workspace_resource_id,
    {{ as_date('start_date') }} as start_on,
    {{ as_date('end_date') }} as end_on,
    {{ as_integer('minutes') }} as planned_minutes,
    {{ as_boolean('hard') }} as is_hard,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
