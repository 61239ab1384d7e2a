{{ config(materialized='table', schema='intermediate') }}

-- Entries on lines priced by the hour, at a fixed fee or measured by their hours that are not simply approved and in the books: not
-- submitted, not approved, approved and unknown to finance, at other hours or another rate there, charged without approval, corrections,
-- and work that counts in a month whose revenue run is not done yet.
with run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

credits as (

    select distinct source_id
    from {{ ref('int_invoice__claims') }}
    where
        role = 'ERP' and kind = 'credit' and claim_state = 'ok' and is_posted
        and upper(credit_reason) = 'HOURS_REJECTED' and agreement_id is not null

),

differing as (

    select row_id, applied_amount from {{ ref('int_time_entry__rated') }} where contract_amount <> applied_amount

),

charged as (

    select row_id, charged_amount
    from {{ ref('int_time_entry__posted') }}
    where not is_waived and charged_amount <> 0

)

select
    valued.agreement_line_key as obligation_key,
    valued.line_billing_type,
    {{ period_of('valued.work_on') }} as worked_in,
    valued.posting_period as counted_in,
    valued.state,
    valued.kind = 'adjustment' as is_adjustment,
    coalesce(valued.is_billable, false) as is_billable,
    valued.work_on as happened_on,
    valued.role_name,
    cast({{ billed_hours('valued.minutes') }} as decimal(18, 8)) as hours,
    valued.value_amount,
    valued.timebill_row_id is not null as is_in_finance,
    cast(case when differing.row_id is not null then valued.value_amount - differing.applied_amount else 0 end as decimal(18, 4))
        as differing_amount,
    cast(case when valued.is_approved then 0 else coalesce(charged.charged_amount, 0) end as decimal(18, 4)) as unapproved_amount,
    valued.row_id,
    valued.connection,
    valued.object,
    valued.source_id
from {{ ref('int_time_entry__valued') }} as valued
cross join run
left join credits on credits.source_id = valued.credit_ref
left join differing on differing.row_id = valued.row_id
left join {{ ref('line_methods') }} as methods on methods.obligation_key = valued.agreement_line_key
left join charged on not valued.is_approved and charged.row_id = valued.timebill_row_id
where
    credits.source_id is null and valued.claim_state = 'ok' and valued.agreement_line_key is not null
    and (valued.line_billing_type in ('tm', 'fixed_fee') or methods.plan in ('work', 'bank'))
    and (
        valued.kind = 'adjustment' or not valued.is_approved or valued.timebill_row_id is null or differing.row_id is not null
        or (valued.posting_period > run.last_period and {{ period_of('valued.work_on') }} <= run.last_period)
    )
