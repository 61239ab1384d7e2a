{{ config(tags=['computed']) }}

-- Each day that a holiday or time off took from one of the firm's own people, with the record that says so, in the months for
-- which available hours are known.
select
    days.off_row_id as row_id,
    days.connection,
    days.off_object as object,
    days.off_source_id as source_id,
    there.person_id,
    days.legal_entity_id,
    days.period,
    days.day as off_on,
    days.off_object = 'holidays' as is_holiday,
    cast(days.holiday_hours + days.time_off_hours as decimal(18, 8)) as hours
from {{ ref('int_person__available_days') }} as days
inner join {{ ref('available_time') }} as there
    on there.connection = days.connection
    and there.row_id = days.row_id
    and there.period = days.period
    and there.legal_entity_id is not distinct from days.legal_entity_id
where days.off_object is not null and days.holiday_hours + days.time_off_hours > 0
