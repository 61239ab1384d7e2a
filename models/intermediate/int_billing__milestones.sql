{{ config(materialized='table') }}

-- Each milestone of the PSA with its charge, the posted invoice that bills it, and what of it credits left standing. Revenue
-- on hold means that nothing of what was billed early can be recognised. A milestone that names no line is of its project's agreement.
-- It has slipped where, a month after its planned day, it is neither accepted nor billed nor planned for another day.
with milestones as (

    select * from {{ ref('int_milestone__claims') }} where role = 'PSA' and claim_state = 'ok'

),

charges as (

    select
        *,
        row_number() over (
            partition by milestone_key order by case state when 'invoiced' then 1 when 'ready' then 2 else 3 end, connection, source_id
        ) as best
    from {{ ref('int_billing_event__claims') }}
    where role = 'ERP' and claim_state = 'ok' and milestone_key is not null

),

lines as (

    select * from {{ ref('int_invoice_line__claims') }} where role = 'ERP' and claim_state = 'ok' and is_posted

),

taken_back as (

    select connection, credited_line_ref, -sum(net_amount) as credited_amount
    from lines
    where kind = 'credit' and upper(credit_reason) in ('BILLING_ERROR', 'DUPLICATE')
    group by connection, credited_line_ref

),

holds as (

    {%- if is_configured('netsuite') %}
    select connection, revenue_element_id as obligation_ref, min(case when is_on_hold then 1 else 0 end) = 1 as is_held
    from {{ ref('stg_netsuite__revenue_plans') }}
    where upper(plan_type) = 'ACTUAL'
    group by connection, revenue_element_id
    {%- else %}
    select cast(null as string) as connection, cast(null as string) as obligation_ref, cast(null as boolean) as is_held where false
    {%- endif %}

),

jobs as (

    select project_id, connection, min(source_id) as job_ref
    from {{ ref('int_project__claims') }}
    where role = 'ERP' and claim_state = 'ok' and project_id is not null
    group by project_id, connection

),

agreements as (

    select agreement_id, max(case when is_advance_billing_allowed then 1 else 0 end) = 1 as is_advance_billing_allowed
    from {{ ref('int_agreement__claims') }}
    where role = 'CRM' and claim_state = 'ok' and agreement_id is not null
    group by agreement_id

)

select
    milestones.row_id, milestones.connection, milestones.role, milestones.system, milestones.object, milestones.source_id,
    milestones.claim_state, milestones.updated_at, milestones.milestone_key, milestones.milestone_name,
    milestones.milestone_amount, milestones.currency, milestones.billing_type, milestones.invoice_on, milestones.is_completed,
    milestones.accepted_on, hidden.hidden_row_count, milestones.agreement_line_key, milestones.project_id,
    coalesce(terms.agreement_id, charges.agreement_id, projects.agreement_id) as agreement_id,
    coalesce(invoice.customer_id, terms.customer_id) as customer_id,
    coalesce(agreements.is_advance_billing_allowed, false) as is_advance_billing_allowed,
    charges.connection as charge_connection,
    charges.source_id as charge_ref,
    charges.row_id as charge_row_id,
    charges.state as charge_state,
    orders.order_ref,
    orders.order_line_no,
    jobs.job_ref,
    currencies.currency_id as currency_ref,
    lines.source_id as invoice_line_ref,
    lines.row_id as invoice_line_row_id,
    lines.obligation_ref,
    invoice.source_id as invoice_ref,
    invoice.document_number,
    invoice.issued_on,
    invoice.period,
    invoice.unpaid_amount,
    coalesce(holds.is_held, false) as is_held,
    coalesce(charges.state = 'invoiced' and invoice.is_posted, false) as is_billed,
    milestones.billing_type = 'upon_completion' and milestones.accepted_on is null and milestones.milestone_amount > 0
    and milestones.invoice_on is not null and milestones.invoice_on < {{ as_of() }} - 30
    and not coalesce(charges.state = 'invoiced' and invoice.is_posted, false) as is_slipped,
    cast(coalesce(lines.net_amount, 0) - coalesce(taken_back.credited_amount, 0) as decimal(18, 4)) as standing_amount
from milestones
left join charges on charges.milestone_key = milestones.milestone_key and charges.best = 1
left join {{ ref('int_agreement_line__terms') }} as terms
    on terms.agreement_line_key = coalesce(milestones.agreement_line_key, charges.agreement_line_key)
left join {{ ref('project') }} as projects on projects.project_id = milestones.project_id
left join agreements on agreements.agreement_id = coalesce(terms.agreement_id, charges.agreement_id, projects.agreement_id)
left join {{ ref('int_agreement__order_lines') }} as orders on orders.agreement_line_key = terms.agreement_line_key
left join jobs on jobs.project_id = milestones.project_id and jobs.connection = orders.connection
left join {{ ref('int_currency__ids') }} as currencies
    on currencies.connection = orders.connection and currencies.currency = milestones.currency
left join {{ ref('int_invoice__claims') }} as invoice
    on invoice.role = 'ERP' and invoice.claim_state = 'ok' and invoice.connection = charges.connection
    and invoice.source_id = charges.invoice_ref
left join lines
    on lines.connection = charges.connection and lines.source_id = charges.invoice_line_ref and lines.kind = 'invoice'
left join taken_back on taken_back.connection = lines.connection and taken_back.credited_line_ref = lines.source_id
cross join {{ ref('int_billing__hidden_rows') }} as hidden
left join holds on holds.connection = lines.connection and holds.obligation_ref = lines.obligation_ref
