{{ config(materialized='table') }}

-- Backlog of each agreement on lines that are planned in hours, twice: what is contracted and not yet recognised, and what stands
-- for it in the plan: work that waits for its approval, bookings, and hours stated to have no plan yet. Plans are kept in hours:
-- a line that is off by less than an hour is planned. The row of the plan names the project that is furthest off. A line that has no
-- project yet has none to plan it in. What is earned by time passing or by acceptance follows its days, and a bank of hours is drawn by
-- the customer: nobody has to book people for them.
with lines as (

    select
        plans.*,
        case
            when abs(plans.scheduled_amount + plans.stated_amount - plans.backlog_amount) < plans.hour_amount then 0
            else plans.scheduled_amount + plans.stated_amount - plans.backlog_amount
        end as gap_amount
    from {{ ref('line_plans') }} as plans
    where
        plans.project_ref is not null and plans.plan = 'work'
        and (not plans.is_over or plans.planned_minutes > 0 or plans.stated_minutes > 0)

),

ranked as (

    select
        *,
        row_number() over (
            partition by agreement_id, currency order by abs(gap_amount) desc, connection, project_ref, obligation_key
        ) as place
    from lines

),

agreements as (

    select
        agreement_id,
        currency,
        max(case when place = 1 then connection end) as plan_connection,
        max(case when place = 1 then project_ref end) as project_ref,
        max(case when place = 1 then project_id end) as project_id,
        max(case when place = 1 then obligation_key end) as agreement_line_key,
        max(case when place = 1 then planned_hours end) as planned_hours,
        max(case when place = 1 then open_hours - stated_hours end) as wanted_hours,
        max(signed_on) as signed_on,
        cast(sum(price_amount) as decimal(18, 4)) as price_amount,
        cast(sum(recognised_amount) as decimal(18, 4)) as recognised_amount,
        cast(sum(backlog_amount) as decimal(18, 4)) as backlog_amount,
        cast(sum(scheduled_amount) as decimal(18, 4)) as scheduled_amount,
        cast(sum(stated_amount) as decimal(18, 4)) as stated_amount,
        cast(sum(gap_amount) as decimal(18, 4)) as gap_amount
    from ranked
    group by agreement_id, currency

)

select
    sides.is_plan,
    case when sides.is_plan then agreements.plan_connection else agreement.connection end as connection,
    case when sides.is_plan then 'workspaces' else agreement.object end as object,
    case when sides.is_plan then agreements.project_ref else agreement.source_id end as source_id,
    case when sides.is_plan then project.row_id else agreement.row_id end as row_id,
    agreements.agreement_id,
    agreement.customer_id,
    agreement.legal_entity_id,
    agreements.project_id,
    agreements.currency,
    agreements.project_ref,
    agreements.agreement_line_key,
    agreements.signed_on,
    agreements.planned_hours,
    agreements.wanted_hours,
    agreements.price_amount,
    agreements.recognised_amount,
    agreements.backlog_amount,
    agreements.scheduled_amount,
    agreements.stated_amount,
    case when sides.is_plan then agreements.backlog_amount + agreements.gap_amount else agreements.backlog_amount end as amount,
    hidden.plan_row_count as hidden_row_count
from agreements
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = agreements.agreement_id
left join {{ ref('int_project__claims') }} as project
    on project.connection = agreements.plan_connection and project.source_id = agreements.project_ref
    and project.role = 'PSA' and project.claim_state = 'ok'
cross join (select true as is_plan union all select false) as sides
cross join {{ ref('revenue_hidden_rows') }} as hidden
