{{ config(materialized='table') }}

-- Every day with its month, whether it is a business day, and the first business day after it. Monday to Friday; a firm's
-- holidays come from the seed `holidays`.
with days as (

    {{ days_between("date '" ~ var('calendar_from', '2015-01-01') ~ "'", "date '" ~ var('calendar_to', '2040-12-31') ~ "'") }}

),

marked as (

    select
        days.day,
        {{ period_of('days.day') }} as period,
        {{ weekday_of('days.day') }} <= 5 and holidays.holiday_on is null as is_business_day
    from days
    left join {{ ref('holidays') }} as holidays on holidays.holiday_on = days.day

)

select
    day,
    period,
    is_business_day,
    min(case when is_business_day then day end) over (order by day rows between 1 following and unbounded following)
        as next_business_day,
    sum(case when is_business_day then 1 else 0 end) over (order by day rows between unbounded preceding and current row)
        as business_day_no
from marked
