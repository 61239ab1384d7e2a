{{ config(materialized='table') }}

-- Months with their cut-off: what reaches finance before it belongs to the month. The cut-off is 18:00, in the firm's time
-- zone, on the first business day after the month's end.
with months as (

    select period, min(day) as start_on, max(day) as end_on
    from {{ ref('int_calendar__days') }}
    group by period

)

select
    months.period,
    months.start_on,
    months.end_on,
    days.next_business_day as cut_off_on,
    {{ firm_time_to_utc("cast(days.next_business_day as timestamp) + interval " ~ var('cut_off_hour', 18) ~ " hour") }} as cut_off_at
from months
inner join {{ ref('int_calendar__days') }} as days on days.day = months.end_on
where days.next_business_day is not null
