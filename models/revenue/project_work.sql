{{ config(materialized='view', schema='intermediate') }}

-- Approved work on agreement lines as finance counts it, up to the last month with a revenue run: in the month whose cut-off was still
-- ahead when it was approved, by who employed or supplied the person on the day, on the project that a copy counts as.
select
    time_months.home_legal_entity_id as performing_entity_id,
    agreement.legal_entity_id as contracting_entity_id,
    time_months.supplier_ref,
    coalesce(counted.counted_as_id, time_months.project_id) as project_id,
    time_months.approved_period as period,
    time_months.agreement_id,
    agreement.customer_id,
    time_months.hours,
    time_months.cost_currency,
    time_months.cost_amount
from {{ ref('time_months') }} as time_months
inner join {{ ref('int_accounting_period__run') }} as run on time_months.approved_period <= run.last_period
left join {{ ref('agreement') }} as agreement on agreement.agreement_id = time_months.agreement_id
left join {{ ref('int_project__counted_as') }} as counted on counted.project_id = time_months.project_id
where time_months.state = 'approved' and not time_months.is_adjustment
