{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'stories', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as story_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_text('parent_id') }} as parent_id,
    {{ as_text('title') }} as title,
    {{ as_text('story_type') }} as story_type,
    {{ as_text('state') }} as state,
    {{ as_text('status') }} as status,
    {{ as_boolean('billable') }} as is_billable,
    {{ as_boolean('fixed_fee') }} as is_fixed_fee,
    {{ as_boolean('archived') }} as is_archived,
    {{ as_rate('weight') }} as weight,
    {{ as_rate('percentage_complete') }} as percentage_complete,
    {{ as_integer('time_estimate_in_minutes') }} as planned_minutes,
    {{ as_date('start_date') }} as start_on,
    {{ as_date('due_date') }} as due_on,
    {{ as_instant('deleted_at') }} as deleted_at,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
