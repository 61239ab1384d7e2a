{{ config(tags=['computed'], materialized='table') }}

-- The backlog of each agreement at the end of its last month, by the month it is planned to be earned in; what has no plan is one row
-- without a month. Lines that are planned in hours follow their bookings, with the work that waits for approval in the month of
-- observation, where work earns them; what time passing earns follows its days, what acceptance earns the days of its milestones; all
-- other lines the dates of their plan, else the end of their service. What should be done already and is not counts in the month of
-- observation. The rows of an agreement add up to its backlog.
with positions as (

    select agreement_id, book, legal_entity_id, customer_id, currency, period, backlog
    from (
        select *, row_number() over (partition by agreement_id, book order by period desc) as place
        from {{ source('revenue', 'positions') }}
    ) as ranked
    where place = 1 and backlog <> 0

),

earned as (

    select agreement_id, book, obligation_key, price_amount, cumulative_amount
    from (
        select *, row_number() over (partition by agreement_id, book, obligation_key order by period desc) as place
        from {{ source('revenue', 'recognition') }}
    ) as ranked
    where place = 1

),

measured as (

    select
        agreement_id,
        book,
        obligation_key,
        end_on,
        case
            when method = 'milestone' then 'acceptance'
            when method = 'ratable_month' then 'months'
            when {{ is_earned_by_time('method') }} then 'days'
            else 'work'
        end as measure
    from {{ source('revenue', 'obligations') }}

),

booked as (

    select agreement_id, book, obligation_key, amount
    from {{ ref('evidence') }}
    where kind = 'scheduled'

),

lines as (

    select
        positions.agreement_id,
        positions.book,
        positions.currency,
        earned.obligation_key,
        earned.price_amount,
        earned.cumulative_amount,
        obligations.end_on,
        obligations.measure,
        booked.obligation_key is not null as is_booked,
        case
            when booked.obligation_key is not null
                then greatest(least(earned.price_amount - earned.cumulative_amount, booked.amount), 0)
            when obligations.end_on > calendar.end_on then earned.price_amount - earned.cumulative_amount
            else 0
        end as scheduled_amount
    from positions
    inner join {{ ref('int_calendar__periods') }} as calendar on calendar.period = positions.period
    inner join earned on earned.agreement_id = positions.agreement_id and earned.book = positions.book
    inner join measured as obligations
        on obligations.agreement_id = earned.agreement_id and obligations.book = earned.book
        and obligations.obligation_key = earned.obligation_key
    left join booked
        on booked.agreement_id = earned.agreement_id and booked.book = earned.book
        and booked.obligation_key = earned.obligation_key
        and obligations.measure = 'work'

),

booked_days as (

    select
        bookings.connection,
        bookings.project_ref,
        periods.period,
        sum({{ safe_divide(
            'bookings.planned_minutes * (' ~ days_from('greatest(bookings.start_on, periods.start_on, ' ~ as_of() ~ ')', 'least(bookings.end_on, periods.end_on)') ~ ' + 1)',
            days_from('bookings.start_on', 'bookings.end_on') ~ ' + 1'
        ) }}) as minutes
    from {{ ref('int_assignment__claims') }} as bookings
    inner join {{ ref('int_calendar__periods') }} as periods
        on periods.start_on <= bookings.end_on and periods.end_on >= greatest(bookings.start_on, {{ as_of() }})
    where
        bookings.role = 'PSA' and bookings.claim_state = 'ok' and bookings.booking <> 'none' and bookings.planned_minutes > 0
        and bookings.start_on <= bookings.end_on and bookings.end_on >= {{ as_of() }}
    group by bookings.connection, bookings.project_ref, periods.period

),

-- How much of a line each month weighs.
weights as (

    select plans.obligation_key, {{ period_of(as_of()) }} as period, plans.awaited_amount as weight, true as is_booked
    from {{ ref('line_plans') }} as plans
    where plans.awaited_amount > 0
    union all
    select
        plans.obligation_key,
        booked_days.period,
        {{ safe_divide(widened('plans.planned_amount') ~ ' * booked_days.minutes', 'sum(booked_days.minutes) over (partition by plans.obligation_key)') }},
        true
    from {{ ref('line_plans') }} as plans
    inner join booked_days on booked_days.connection = plans.connection and booked_days.project_ref = plans.project_ref
    where plans.planned_amount > 0

),

planned as (

    select
        obligation_key,
        measure,
        period,
        whole_quantity,
        sum(quantity) over (partition by obligation_key, measure order by period) as upto,
        sum(quantity) over (partition by obligation_key, measure order by period) - quantity as before
    from {{ ref('planned_work') }}
    where measure <> 'hours'

),

dated as (

    select
        lines.agreement_id,
        lines.book,
        lines.obligation_key,
        greatest(planned.period, {{ period_of(as_of()) }}) as period,
        sum(planned.upto - greatest(
            planned.before, {{ safe_divide(widened('planned.whole_quantity') ~ ' * lines.cumulative_amount', 'lines.price_amount') }}
        )) as weight
    from lines
    inner join planned on planned.obligation_key = lines.obligation_key and planned.measure = lines.measure
    where
        not lines.is_booked and lines.scheduled_amount > 0
        and planned.upto > greatest(
            planned.before, {{ safe_divide(widened('planned.whole_quantity') ~ ' * lines.cumulative_amount', 'lines.price_amount') }}
        )
    group by lines.agreement_id, lines.book, lines.obligation_key, greatest(planned.period, {{ period_of(as_of()) }})

),

weighed as (

    select lines.agreement_id, lines.book, lines.currency, lines.obligation_key, lines.scheduled_amount, weights.period, sum(weights.weight) as weight
    from lines
    inner join weights on weights.obligation_key = lines.obligation_key
    where lines.is_booked and lines.scheduled_amount > 0
    group by lines.agreement_id, lines.book, lines.currency, lines.obligation_key, lines.scheduled_amount, weights.period
    union all
    select lines.agreement_id, lines.book, lines.currency, lines.obligation_key, lines.scheduled_amount, dated.period, dated.weight
    from lines
    inner join dated
        on dated.agreement_id = lines.agreement_id and dated.book = lines.book and dated.obligation_key = lines.obligation_key
    union all
    select lines.agreement_id, lines.book, lines.currency, lines.obligation_key, lines.scheduled_amount, {{ period_of('lines.end_on') }}, 1
    from lines
    left join (select distinct agreement_id, book, obligation_key from dated) as known
        on known.agreement_id = lines.agreement_id and known.book = lines.book and known.obligation_key = lines.obligation_key
    where not lines.is_booked and lines.scheduled_amount > 0 and known.obligation_key is null

),

running as (

    select
        *,
        sum(weight) over (partition by agreement_id, book, obligation_key order by period) as upto,
        sum(weight) over (partition by agreement_id, book, obligation_key order by period) - weight as before,
        sum(weight) over (partition by agreement_id, book, obligation_key) as whole
    from weighed

),

by_month as (

    select
        agreement_id,
        book,
        period,
        sum(
            {{ to_minor_unit(share_of('scheduled_amount', 'upto', 'whole'), 'currency') }}
            - {{ to_minor_unit(share_of('scheduled_amount', 'before', 'whole'), 'currency') }}
        ) as amount
    from running
    group by agreement_id, book, period

),

parted as (

    select positions.agreement_id, positions.book, by_month.period, by_month.amount
    from positions
    inner join by_month on by_month.agreement_id = positions.agreement_id and by_month.book = positions.book
    union all
    select positions.agreement_id, positions.book, cast(null as string), positions.backlog - coalesce(planned_total.amount, 0)
    from positions
    left join (
        select agreement_id, book, sum(amount) as amount from by_month group by agreement_id, book
    ) as planned_total
        on planned_total.agreement_id = positions.agreement_id and planned_total.book = positions.book

)

select
    parted.agreement_id,
    parted.book,
    positions.legal_entity_id,
    positions.customer_id,
    positions.currency,
    parted.period,
    cast(parted.amount as decimal(18, 4)) as amount
from parted
inner join positions on positions.agreement_id = parted.agreement_id and positions.book = parted.book
where parted.amount <> 0
