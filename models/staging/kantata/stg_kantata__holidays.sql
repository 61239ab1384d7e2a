{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'holidays', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as holiday_id,
    {{ as_text('name') }} as holiday_name,
    {{ as_date('start_date') }} as start_on,
    {{ as_date('end_date') }} as end_on,
    {{ as_boolean('paid') }} as is_paid
from current_rows
