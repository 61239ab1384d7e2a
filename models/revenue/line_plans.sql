{{ config(materialized='table', schema='intermediate') }}

-- What is sold of each line priced by the hour or at a fixed fee, what of it is done, and what is planned for the rest.
--
-- What is earned by time passing or by acceptance (`plan`, see line_methods) takes people all the same: its estimates count, and no
-- booking of it says when its price is earned.
-- Sold: price and hours of the signed versions, time-and-materials no further than its cap (that of the line, and that of the
-- agreement where it has no other such line). An hour of the line is worth its signed price over its hours. Done: approved work
-- (recognised), and work that waits for its approval or was sent back to be handed in again; what a credit took back later was worked
-- all the same. Planned: bookings from the day of observation on, those under way by the days they have left; hours a project states
-- to have no plan stand beside them. A booking is of a project: what lines of one project have left to do shares its bookings, and a
-- line without a project has none. Work on a line whose service has ended, or whose agreement was ended early, is over. Lines of projects
-- in a PSA that keeps no plans are not here.
with signed as (

    select
        terms.agreement_id,
        terms.obligation_key,
        sum(terms.amount) as signed_amount,
        sum(terms.quantity) as sold_hours,
        max(terms.happened_on) as signed_on,
        max(terms.connection) as signed_in,
        max(methods.method) as method,
        max(methods.plan) as plan
    from {{ ref('evidence_terms') }} as terms
    inner join {{ ref('line_methods') }} as methods on methods.obligation_key = terms.obligation_key
    where
        terms.kind = 'signed' and {{ json_value('terms.attributes', '$.is_signed') }} = 'true'
        and (methods.signed_method in ('as_charged', 'fixed_fee') or methods.plan in ('work', 'bank'))
    group by terms.agreement_id, terms.obligation_key

),

done as (

    select obligation_key, sum(hours) as hours, sum(case when is_billable then amount else 0 end) as amount
    from {{ ref('time_months') }}
    where state = 'approved' and not is_adjustment
    group by obligation_key

),

waiting as (

    select obligation_key, sum(hours) as hours, sum(case when is_billable then value_amount else 0 end) as amount
    from {{ ref('time_exceptions') }}
    where state <> 'approved' and not is_adjustment
    group by obligation_key

),

planners as (

    select distinct connection
    from {{ ref('int_assignment__claims') }}
    where role = 'PSA' and claim_state = 'ok'

),

projects as (

    select
        tasks.connection, tasks.project_ref, tasks.agreement_line_key as obligation_key,
        planners.connection is not null as is_planned,
        max(tasks.project_id) as project_id
    from {{ ref('int_task__claims') }} as tasks
    left join planners on planners.connection = tasks.connection
    where tasks.role = 'PSA' and tasks.claim_state = 'ok' and tasks.kind = 'task' and tasks.agreement_line_key is not null
    group by tasks.connection, tasks.project_ref, tasks.agreement_line_key, planners.connection

),

booked as (

    select
        connection,
        project_ref,
        sum(
            case
                when booking = 'none' or end_on < {{ as_of() }} then 0
                when start_on >= {{ as_of() }} then planned_minutes
                else {{ safe_divide('planned_minutes * (' ~ days_from(as_of(), 'end_on') ~ ' + 1)', days_from('start_on', 'end_on') ~ ' + 1') }}
            end
        ) as planned_minutes,
        sum(case when booking = 'none' then planned_minutes else 0 end) as stated_minutes
    from {{ ref('int_assignment__claims') }}
    where role = 'PSA' and claim_state = 'ok' and planned_minutes >= 0 and (booking = 'none' or start_on <= end_on)
    group by connection, project_ref

),

lines as (

    select
        signed.agreement_id,
        signed.obligation_key,
        terms.currency,
        signed.method,
        signed.plan,
        terms.start_on,
        terms.end_on,
        signed.signed_on,
        signed.signed_in,
        cast(signed.signed_amount as decimal(18, 4)) as signed_amount,
        cast(
            case
                when signed.method <> 'as_charged' then signed.signed_amount
                when count(*) over (partition by signed.agreement_id, signed.method) = 1
                    then least(signed.signed_amount, coalesce(terms.line_cap_amount, signed.signed_amount), coalesce(terms.agreement_cap_amount, signed.signed_amount))
                else least(signed.signed_amount, coalesce(terms.line_cap_amount, signed.signed_amount))
            end as decimal(18, 4)
        ) as price_amount,
        cast(signed.sold_hours as decimal(18, 4)) as sold_hours,
        terms.end_on < {{ as_of() }} or ended.terminated_on is not null as is_over,
        cast(coalesce(done.hours, 0) as decimal(18, 4)) as done_hours,
        cast(coalesce(waiting.hours, 0) as decimal(18, 4)) as waiting_hours,
        cast(coalesce(done.amount, 0) as decimal(18, 4)) as done_amount,
        cast(coalesce(waiting.amount, 0) as decimal(18, 4)) as waiting_amount
    from signed
    inner join {{ ref('int_agreement_line__terms') }} as terms
        on terms.agreement_line_key = signed.obligation_key and terms.agreement_id = signed.agreement_id
    left join {{ ref('int_agreement__terminations') }} as ended on ended.agreement_id = signed.agreement_id
    left join done on done.obligation_key = signed.obligation_key
    left join waiting on waiting.obligation_key = signed.obligation_key
    where signed.sold_hours > 0 and signed.signed_amount > 0

),

-- Hours that are still to be worked; what is left of a price by the hour at what an hour of the line is worth.
left_over as (

    select
        lines.*,
        case
            when is_over then 0
            when method = 'as_charged'
                then {{ safe_divide(widened('greatest(price_amount - done_amount - waiting_amount, 0)') ~ ' * sold_hours', 'signed_amount') }}
            else greatest(sold_hours - done_hours - waiting_hours, 0)
        end as open_hours
    from lines

),

shared as (

    select
        projects.connection,
        projects.project_ref,
        projects.project_id,
        left_over.*,
        coalesce(booked.planned_minutes, 0) as project_minutes,
        coalesce(booked.stated_minutes, 0) as project_stated_minutes,
        sum(left_over.open_hours) over (partition by projects.connection, projects.project_ref) as project_hours,
        count(*) over (partition by projects.connection, projects.project_ref) as project_lines,
        row_number() over (
            partition by left_over.obligation_key
            order by coalesce(booked.planned_minutes, 0) desc, projects.connection, length(projects.project_ref), projects.project_ref
        ) as place
    from left_over
    cross join (select count(*) as planner_count from planners) as counted
    left join projects on projects.obligation_key = left_over.obligation_key
    left join booked on booked.connection = projects.connection and booked.project_ref = projects.project_ref
    where counted.planner_count > 0 and coalesce(projects.is_planned, true)

),

planned as (

    select
        *,
        cast(round(
            case
                when project_lines = 1 then project_minutes
                when project_hours > 0 then {{ safe_divide(widened('project_minutes') ~ ' * open_hours', 'project_hours') }}
                else {{ safe_divide('project_minutes', 'project_lines') }}
            end, 2
        ) as decimal(18, 2)) as planned_minutes,
        cast(round(
            case
                when project_lines = 1 then project_stated_minutes
                when project_hours > 0 then {{ safe_divide(widened('project_stated_minutes') ~ ' * open_hours', 'project_hours') }}
                else {{ safe_divide('project_stated_minutes', 'project_lines') }}
            end, 2
        ) as decimal(18, 2)) as stated_minutes
    from shared

),

-- A line that two projects deliver has the bookings of both.
whole as (

    select
        agreement_id,
        obligation_key,
        max(case when place = 1 then connection end) as connection,
        max(case when place = 1 then project_ref end) as project_ref,
        max(case when place = 1 then project_id end) as project_id,
        max(currency) as currency,
        max(method) as method,
        max(plan) as plan,
        max(start_on) as start_on,
        max(end_on) as end_on,
        max(signed_on) as signed_on,
        max(signed_in) as signed_in,
        bool_or(is_over) as is_over,
        max(signed_amount) as signed_amount,
        max(price_amount) as price_amount,
        max(sold_hours) as sold_hours,
        max(done_hours) as done_hours,
        max(waiting_hours) as waiting_hours,
        max(done_amount) as done_amount,
        max(waiting_amount) as waiting_amount,
        max(open_hours) as open_hours,
        cast(sum(planned_minutes) as decimal(18, 2)) as planned_minutes,
        cast(sum(stated_minutes) as decimal(18, 2)) as stated_minutes
    from planned
    group by agreement_id, obligation_key

),

valued as (

    select
        whole.*,
        case
            when is_over or method = 'as_charged' and done_amount >= price_amount then price_amount
            when method = 'as_charged' then done_amount
            else {{ to_minor_unit(share_of('price_amount', 'least(done_hours, sold_hours) * 10000', 'sold_hours * 10000'), 'currency') }}
        end as recognised_amount,
        case
            when is_over then 0
            when method = 'as_charged' then least(waiting_amount, greatest(price_amount - done_amount, 0))
            else {{ to_minor_unit(share_of('price_amount', 'least(waiting_hours, greatest(sold_hours - done_hours, 0)) * 10000', 'sold_hours * 10000'), 'currency') }}
        end as awaited_amount,
        {{ to_minor_unit(share_of('signed_amount', 'planned_minutes', 'sold_hours * 60'), 'currency') }} as planned_amount,
        {{ to_minor_unit(share_of('signed_amount', 'stated_minutes', 'sold_hours * 60'), 'currency') }} as stated_amount,
        {{ to_minor_unit(share_of('signed_amount', '1', 'sold_hours'), 'currency') }} as hour_amount
    from whole

)

select
    agreement_id,
    obligation_key,
    connection,
    project_ref,
    project_id,
    currency,
    method,
    plan,
    start_on,
    end_on,
    signed_on,
    signed_in,
    is_over,
    signed_amount,
    price_amount,
    hour_amount,
    sold_hours,
    done_hours,
    waiting_hours,
    cast(open_hours as decimal(18, 4)) as open_hours,
    planned_minutes,
    stated_minutes,
    cast({{ safe_divide('planned_minutes', '60', 4) }} as decimal(18, 4)) as planned_hours,
    cast({{ safe_divide('stated_minutes', '60', 4) }} as decimal(18, 4)) as stated_hours,
    cast(recognised_amount as decimal(18, 4)) as recognised_amount,
    cast(awaited_amount as decimal(18, 4)) as awaited_amount,
    cast(planned_amount as decimal(18, 4)) as planned_amount,
    cast(stated_amount as decimal(18, 4)) as stated_amount,
    cast(price_amount - recognised_amount as decimal(18, 4)) as backlog_amount,
    cast(awaited_amount + planned_amount as decimal(18, 4)) as scheduled_amount
from valued
