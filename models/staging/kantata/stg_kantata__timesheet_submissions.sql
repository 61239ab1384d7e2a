{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- A view: millions of rows are read a few times, each time a few columns, which costs less than writing them all once more.

with current_rows as (

    {{ current_rows('kantata', 'timesheet_submissions', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as submission_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_date('start_date') }} as start_on,
    {{ as_date('end_date') }} as end_on,
    {{ as_text('status') }} as status,
    {{ as_date('current_resolution_created_at_date') }} as resolved_on,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
