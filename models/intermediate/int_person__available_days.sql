{{ config(materialized='view') }}

-- Every working day that one of the firm's own people was there, with the hours of the workweek that held for them, and what a
-- holiday or time off took of it: never more than the workweek gives, and on a holiday nobody takes time off besides.
-- Subcontractors are no capacity of the firm's.
--
-- Counted are days between the first and the last that anybody recorded time for in the PSA: before it, and after it, nothing
-- is known of anybody. A person is there from the day they came until the day they left; time that they recorded outside of it
-- shows that they were there. No workweek that holds on a day: the hours are unknown.
with recorded as (

    select connection, person_ref, min(work_on) as first_day, max(work_on) as last_day
    from {{ ref('int_time_entry__claims') }}
    where role = 'PSA' and claim_state = 'ok' and kind = 'actual' and work_on <= {{ as_of() }}
    group by connection, person_ref

),

known as (

    select connection, min(first_day) as first_day, max(last_day) as last_day
    from recorded
    group by connection

),

people as (

    select
        person.row_id,
        person.connection,
        person.source_id,
        person.home_since_on,
        home.legal_entity_id as home_id,
        coalesce(previous.legal_entity_id, home.legal_entity_id) as previous_id,
        coalesce(least(person.joined_on, recorded.first_day), known.first_day) as first_day,
        case when person.is_active then known.last_day else greatest(person.left_on, recorded.last_day) end as last_day
    from {{ ref('int_person__claims') }} as person
    inner join known on known.connection = person.connection
    left join recorded on recorded.connection = person.connection and recorded.person_ref = person.source_id
    left join {{ ref('int_legal_entity__keys') }} as home on home.legal_entity_code = person.legal_entity_code
    left join {{ ref('int_legal_entity__keys') }} as previous
        on previous.legal_entity_code = person.previous_legal_entity_code
    where person.role = 'PSA' and person.claim_state = 'ok' and person.supplier_ref is null

),

-- What everybody works who has no workweek of their own.
days as (

    select
        known.connection,
        calendar.day,
        calendar.period,
        {{ weekday_of('calendar.day') }} as weekday,
        common.hours
    from known
    inner join {{ ref('int_calendar__days') }} as calendar on calendar.day between known.first_day and known.last_day
    left join {{ ref('int_person__workweeks') }} as common
        on common.connection = known.connection
        and common.person_ref is null
        and common.weekday = {{ weekday_of('calendar.day') }}
        and calendar.day >= common.start_on
        and (common.end_on is null or calendar.day <= common.end_on)
        and (common.next_on is null or calendar.day < common.next_on)

),

own_workweeks as (

    select people.row_id, own.weekday, own.hours, own.start_on, own.end_on, own.next_on
    from {{ ref('int_person__workweeks') }} as own
    inner join people on people.connection = own.connection and people.source_id = own.person_ref

),

days_off as (

    select people.row_id, off.day, off.is_holiday, off.time_off_hours, off.object, off.source_id, off.row_id as off_row_id
    from {{ ref('int_person__days_off') }} as off
    inner join people on people.connection = off.connection and people.source_id = off.person_ref

),

scheduled as (

    select
        people.row_id,
        people.connection,
        case when days.day < people.home_since_on then people.previous_id else people.home_id end as legal_entity_id,
        days.day,
        days.period,
        case when own.row_id is null then days.hours else own.hours end as scheduled_hours
    from people
    inner join days
        on days.connection = people.connection and days.day between people.first_day and people.last_day
    left join own_workweeks as own
        on own.row_id = people.row_id
        and own.weekday = days.weekday
        and days.day >= own.start_on
        and (own.end_on is null or days.day <= own.end_on)
        and (own.next_on is null or days.day < own.next_on)

)

select
    scheduled.row_id,
    scheduled.connection,
    scheduled.legal_entity_id,
    scheduled.day,
    scheduled.period,
    scheduled.scheduled_hours,
    case when days_off.is_holiday then scheduled.scheduled_hours else cast(0 as decimal(18, 8)) end as holiday_hours,
    case
        when days_off.is_holiday or days_off.day is null then cast(0 as decimal(18, 8))
        else least(days_off.time_off_hours, scheduled.scheduled_hours)
    end as time_off_hours,
    days_off.object as off_object,
    days_off.source_id as off_source_id,
    days_off.off_row_id
from scheduled
left join days_off on days_off.row_id = scheduled.row_id and days_off.day = scheduled.day
where scheduled.scheduled_hours is null or scheduled.scheduled_hours > 0
