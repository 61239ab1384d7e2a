{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'holiday_calendar_memberships', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as holiday_calendar_membership_id,
    {{ as_text('holiday_calendar_id') }} as holiday_calendar_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_date('start_date') }} as start_on,
    {{ as_date('end_date') }} as end_on
from current_rows
