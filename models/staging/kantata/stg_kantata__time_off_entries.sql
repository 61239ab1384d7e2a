{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'time_off_entries', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as time_off_entry_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_date('requested_date') }} as off_on,
    {{ as_date('submission_date') }} as submitted_on,
    {{ as_hours('hours') }} as hours
from current_rows
