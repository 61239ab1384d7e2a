{{ config(tags=['computed'], materialized='table', schema='intermediate') }}

-- How much of a line its plan has in each month, and how much it has in all. What counts of it is what its revenue is measured by:
-- `work`        the minutes of each task, spread evenly over its days; a line without planned tasks by its own days, evenly
-- `acceptance`  the price of its milestones, planned for the day they are to be invoiced (else the end of their line)
-- `days`        the days of a line that time passing earns, and `months`: the same, each day a part of its month
-- `hours`       what is planned to be worked, whatever earns it
-- The plan is the one that stands now: no system keeps an earlier one.
with worked as (

    select
        obligation_key,
        max(start_on) as start_on,
        max(end_on) as end_on,
        bool_or({{ is_earned_by_time('method') }}) as is_by_time,
        bool_or(method = 'milestone') as is_by_acceptance
    from {{ source('revenue', 'obligations') }}
    where start_on <= end_on
    group by obligation_key

),

tasks as (

    select agreement_line_key as obligation_key, planned_minutes as quantity, start_on, due_on as end_on
    from {{ ref('int_task__planned') }}
    where planned_minutes > 0 and start_on <= due_on

),

sold as (

    select obligation_key, max(quantity) as hours
    from (
        select book, obligation_key, sum(quantity) as quantity
        from {{ ref('evidence') }}
        where kind = 'signed' and unit = 'hours' and {{ json_value('attributes', '$.is_signed') }} = 'true'
        group by book, obligation_key
    ) as by_book
    group by obligation_key

),

phased as (

    select obligation_key, true as is_task, quantity, start_on, end_on
    from tasks
    union all
    select worked.obligation_key, false, {{ days_from('worked.start_on', 'worked.end_on') }} + 1, worked.start_on, worked.end_on
    from worked
    left join (select distinct obligation_key from tasks) as by_task on by_task.obligation_key = worked.obligation_key
    where by_task.obligation_key is null

),

by_month as (

    select
        phased.obligation_key,
        periods.period,
        phased.is_task,
        phased.quantity,
        {{ days_from('phased.start_on', 'phased.end_on') }} + 1 as days,
        {{ days_from('phased.start_on', 'least(periods.end_on, phased.end_on)') }} + 1 as upto,
        greatest({{ days_from('phased.start_on', 'periods.start_on') }}, 0) as before
    from phased
    inner join {{ ref('int_calendar__periods') }} as periods
        on periods.start_on <= phased.end_on and periods.end_on >= phased.start_on

),

milestones as (

    select
        milestones.agreement_line_key as obligation_key,
        {{ period_of('coalesce(milestones.invoice_on, terms.end_on)') }} as period,
        milestones.milestone_amount as quantity
    from {{ ref('int_milestone__claims') }} as milestones
    inner join {{ ref('int_agreement_line__terms') }} as terms
        on terms.agreement_line_key = milestones.agreement_line_key
    left join worked on worked.obligation_key = milestones.agreement_line_key
    where
        (terms.billing_type = 'milestone' or worked.is_by_acceptance)
        and milestones.role = 'PSA' and milestones.claim_state = 'ok' and milestones.milestone_amount <> 0
        and coalesce(milestones.invoice_on, terms.end_on) is not null

),

shares as (

    select
        obligation_key, period, is_task,
        sum({{ safe_divide('quantity * upto', 'days') }} - {{ safe_divide('quantity * before', 'days') }}) as quantity
    from by_month
    group by obligation_key, period, is_task

),

passing as (

    select
        worked.obligation_key,
        periods.period,
        {{ days_from('greatest(worked.start_on, periods.start_on)', 'least(worked.end_on, periods.end_on)') }} + 1 as days,
        {{ days_from('periods.start_on', 'periods.end_on') }} + 1 as days_of_month
    from worked
    inner join {{ ref('int_calendar__periods') }} as periods
        on periods.start_on <= worked.end_on and periods.end_on >= worked.start_on
    where worked.is_by_time

),

moved as (

    select shares.obligation_key, 'work' as measure, shares.period, shares.quantity
    from shares
    inner join worked on worked.obligation_key = shares.obligation_key
    union all
    select obligation_key, 'acceptance', period, sum(quantity)
    from milestones
    group by obligation_key, period
    union all
    select obligation_key, 'days', period, days
    from passing
    union all
    select obligation_key, 'months', period, {{ safe_divide('days', 'days_of_month') }}
    from passing
    union all
    select obligation_key, 'hours', period, {{ safe_divide('quantity', '60') }}
    from shares
    where is_task
    union all
    select shares.obligation_key, 'hours', shares.period, {{ safe_divide('shares.quantity * sold.hours', 'wholes.days') }}
    from shares
    inner join sold on sold.obligation_key = shares.obligation_key
    inner join (
        select obligation_key, {{ days_from('start_on', 'end_on') }} + 1 as days from worked
    ) as wholes on wholes.obligation_key = shares.obligation_key
    where not shares.is_task

)

select
    obligation_key,
    measure,
    period,
    cast(quantity as decimal(18, 6)) as quantity,
    cast(sum(quantity) over (partition by obligation_key, measure) as decimal(18, 6)) as whole_quantity
from moved
where quantity <> 0
