{{ config(materialized='table') }}

-- For every day: the earliest month whose cut-off is still ahead, before and after the cut-off that may fall on that day.
-- An instant finds its month with one equality and one comparison, without searching ranges.
with changes as (

    select
        days.day,
        min(periods.cut_off_at) as cut_off_at
    from {{ ref('int_calendar__days') }} as days
    left join {{ ref('int_calendar__periods') }} as periods on cast(periods.cut_off_at as date) = days.day
    group by days.day

),

ahead as (

    select
        changes.day,
        changes.cut_off_at,
        count(changes.cut_off_at) over (order by changes.day rows between unbounded preceding and 1 preceding) as passed_before,
        count(changes.cut_off_at) over (order by changes.day rows between unbounded preceding and current row) as passed_after
    from changes

),

numbered as (

    select period, row_number() over (order by cut_off_at) as period_no from {{ ref('int_calendar__periods') }}

)

select
    ahead.day,
    ahead.cut_off_at,
    before_cut_off.period as period_before,
    after_cut_off.period as period_after
from ahead
left join numbered as before_cut_off on before_cut_off.period_no = coalesce(ahead.passed_before, 0) + 1
left join numbered as after_cut_off on after_cut_off.period_no = ahead.passed_after + 1
