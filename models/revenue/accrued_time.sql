{{ config(tags=['computed'], materialized='table') }}

-- Time that was done in the last month with a revenue run, submitted, and not approved at its cut-off, and what finance's
-- accrual accounts hold for it: per project what is due (`is_booked` false), and every line posted to the account of accrued
-- time up to that month. Older accruals were reversed in the month after theirs and add up to nothing. The accrual is the
-- estimate of one month end; once that month is closed it is history.
with run as (

    select last_period as period, closed_period from {{ ref('int_accounting_period__run') }}

),

latest as (

    select period, coalesce(closed_period >= period, false) as is_closed from run

),

due as (

    select
        accruals.project as project_id,
        accruals.currency,
        min(accruals.agreement_id) as agreement_id,
        min(accruals.legal_entity_id) as legal_entity_id,
        min(accruals.customer_id) as customer_id,
        sum(accruals.amount) as amount,
        sum(accruals.hours) as hours
    from {{ source('revenue', 'accruals') }} as accruals
    inner join latest on latest.period = accruals.period
    where accruals.book = 'primary'
    group by accruals.project, accruals.currency

),

booked as (

    select
        lines.row_id,
        lines.connection,
        lines.object,
        lines.source_id,
        coalesce(lines.posted_project_id, lines.project_id) as project_id,
        lines.agreement_id,
        lines.customer_id,
        lines.legal_entity_id,
        lines.currency,
        lines.document_amount as amount
    from {{ ref('int_ledger__project_lines') }} as lines
    inner join latest on lines.period <= latest.period
    where lines.book = 'primary' and lines.account_role = 'accrued_time'

)

select
    projects.row_id,
    projects.connection,
    'PSA' as role,
    coalesce(projects.object, 'workspaces') as object,
    projects.source_id,
    'primary' as book,
    due.project_id,
    due.agreement_id,
    due.customer_id,
    due.legal_entity_id,
    due.currency,
    false as is_booked,
    cast(due.amount as decimal(18, 4)) as amount,
    due.hours,
    latest.period,
    hidden.accrual_row_count as hidden_row_count
from due
cross join latest
cross join {{ ref('revenue_hidden_rows') }} as hidden
left join {{ ref('int_project__first_record') }} as projects on projects.project_id = due.project_id
where not latest.is_closed

union all

select
    booked.row_id, booked.connection, 'ERP', booked.object, booked.source_id, 'primary', booked.project_id, booked.agreement_id, booked.customer_id,
    booked.legal_entity_id, booked.currency, true, cast(booked.amount as decimal(18, 4)), cast(null as decimal(18, 8)), latest.period,
    hidden.accrual_row_count
from booked
cross join latest
cross join {{ ref('revenue_hidden_rows') }} as hidden
where not latest.is_closed
