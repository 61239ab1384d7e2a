{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'holiday_calendar_associations', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as holiday_calendar_association_id,
    {{ as_text('holiday_id') }} as holiday_id,
    {{ as_text('holiday_calendar_id') }} as holiday_calendar_id
from current_rows
