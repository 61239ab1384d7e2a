{{ config(materialized='table', schema='intermediate') }}

-- Time on agreement lines, summed: by line and project, who employed the person, which supplier sent them (empty: own staff), the month
-- it was done in, the month it counts in once approved (by when finance received it, and by when it was approved), where it stands, and
-- whether finance has it. What was rejected is left out, and so are corrections whose credit memo already gives up the price. Cost is
-- hours x the cost rate of each entry, rounded to four decimals.
with credits as (

    select distinct source_id
    from {{ ref('int_invoice__claims') }}
    where
        role = 'ERP' and kind = 'credit' and claim_state = 'ok' and is_posted
        and upper(credit_reason) = 'HOURS_REJECTED' and agreement_id is not null

)

select
    valued.agreement_id,
    valued.agreement_line_key as obligation_key,
    valued.line_billing_type,
    valued.project_id,
    valued.home_legal_entity_id,
    valued.supplier_ref,
    valued.currency as cost_currency,
    {{ period_of('valued.work_on') }} as worked_in,
    case when valued.is_approved then valued.posting_period end as counted_in,
    valued.approved_period,
    valued.state,
    valued.kind = 'adjustment' as is_adjustment,
    coalesce(valued.is_billable, false) as is_billable,
    valued.timebill_row_id is not null as is_in_finance,
    cast(sum(case when valued.kind = 'actual' then {{ billed_hours('valued.minutes') }} else 0 end) as decimal(18, 8)) as hours,
    cast(sum(coalesce(valued.value_amount, 0)) as decimal(18, 4)) as amount,
    cast(sum(round(cast(valued.hours as decimal(28, 8)) * coalesce(valued.cost_rate, 0), 4)) as decimal(18, 4)) as cost_amount,
    count(*) as records
from {{ ref('int_time_entry__valued') }} as valued
left join credits on credits.source_id = valued.credit_ref
where
    credits.source_id is null and valued.claim_state = 'ok' and valued.agreement_id is not null
    and valued.agreement_line_key is not null and valued.state in ('approved', 'submitted', 'new')
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
