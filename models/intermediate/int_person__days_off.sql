{{ config(materialized='table') }}

-- Days on which people are off, with the record that says so: a holiday of the calendar they have on that day, or time off. A
-- calendar holds until it ends or the next one begins; a holiday without a last day lasts one day.
{%- if is_configured('kantata') %}
with calendars as (

    select
        connection,
        user_id as person_ref,
        holiday_calendar_id,
        start_on,
        end_on,
        lead(start_on) over (
            partition by connection, user_id order by start_on, holiday_calendar_membership_id
        ) as next_on
    from {{ ref('stg_kantata__holiday_calendar_memberships') }}

),

holidays as (

    select
        associated.connection,
        associated.holiday_calendar_id,
        holiday.holiday_id,
        holiday.row_id,
        days.day
    from {{ ref('stg_kantata__holidays') }} as holiday
    inner join {{ ref('stg_kantata__holiday_calendar_associations') }} as associated
        on associated.connection = holiday.connection and associated.holiday_id = holiday.holiday_id
    inner join {{ ref('int_calendar__days') }} as days
        on days.day between holiday.start_on and coalesce(holiday.end_on, holiday.start_on)

),

days_off as (

    select
        calendars.connection,
        calendars.person_ref,
        holidays.day,
        'holidays' as object,
        holidays.holiday_id as source_id,
        holidays.row_id,
        cast(0 as decimal(18, 8)) as hours
    from calendars
    inner join holidays
        on holidays.connection = calendars.connection
        and holidays.holiday_calendar_id = calendars.holiday_calendar_id
        and holidays.day >= calendars.start_on
        and (calendars.end_on is null or holidays.day <= calendars.end_on)
        and (calendars.next_on is null or holidays.day < calendars.next_on)

    union all

    select
        connection,
        user_id as person_ref,
        off_on as day,
        'time_off_entries' as object,
        time_off_entry_id as source_id,
        row_id,
        hours
    from {{ ref('stg_kantata__time_off_entries') }}

)

select
    connection,
    person_ref,
    day,
    min(object) = 'holidays' as is_holiday,
    cast(sum(hours) as decimal(18, 8)) as time_off_hours,
    min(object) as object,
    min_by(source_id, concat(object, source_id)) as source_id,
    min_by(row_id, concat(object, source_id)) as row_id
from days_off
group by connection, person_ref, day
{%- else %}
select
    cast(null as string) as connection,
    cast(null as string) as person_ref,
    cast(null as date) as day,
    cast(null as boolean) as is_holiday,
    cast(null as decimal(18, 8)) as time_off_hours,
    cast(null as string) as object,
    cast(null as string) as source_id,
    cast(null as bigint) as row_id
where false
{%- endif %}
