{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'workweek_memberships', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as workweek_membership_id,
    {{ as_text('workweek_id') }} as workweek_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_date('start_date') }} as start_on,
    {{ as_date('end_date') }} as end_on,
    {{ as_integer('monday_minutes') }} as monday_minutes,
    {{ as_integer('tuesday_minutes') }} as tuesday_minutes,
    {{ as_integer('wednesday_minutes') }} as wednesday_minutes,
    {{ as_integer('thursday_minutes') }} as thursday_minutes,
    {{ as_integer('friday_minutes') }} as friday_minutes,
    {{ as_integer('saturday_minutes') }} as saturday_minutes,
    {{ as_integer('sunday_minutes') }} as sunday_minutes
from current_rows
