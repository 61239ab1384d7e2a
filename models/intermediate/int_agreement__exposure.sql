{{ config(materialized='table') }}

-- What is at stake with each agreement, in its currency: what of its signed value is still to be billed while it is open,
-- and what is owed on its invoices.
with agreements as (

    select agreement_id, currency, value_amount, state in ('signed', 'active') as is_open
    from {{ ref('int_agreement__claims') }}
    where role = 'CRM' and claim_state = 'ok' and agreement_id is not null

),

billed as (

    select agreement_id, currency, sum(billed_amount) as billed_amount
    from {{ ref('int_agreement__positions') }}
    group by agreement_id, currency

),

owed as (

    select agreement_id, currency, sum(unpaid_amount) as receivable_amount
    from {{ ref('int_invoice__claims') }}
    where
        role = 'ERP'
        and kind = 'invoice'
        and claim_state = 'ok'
        and is_posted
        and not coalesce(is_cancelled, false)
        and agreement_id is not null
    group by agreement_id, currency

)

select
    agreements.agreement_id,
    agreements.currency,
    cast(
        case when agreements.is_open then coalesce(agreements.value_amount, 0) - coalesce(billed.billed_amount, 0) else 0 end
        as decimal(18, 4)
    ) as backlog_amount,
    cast(coalesce(owed.receivable_amount, 0) as decimal(18, 4)) as receivable_amount,
    cast(
        case when agreements.is_open then coalesce(agreements.value_amount, 0) - coalesce(billed.billed_amount, 0) else 0 end
        + coalesce(owed.receivable_amount, 0) as decimal(18, 4)
    ) as exposure_amount
from agreements
left join billed on billed.agreement_id = agreements.agreement_id and billed.currency = agreements.currency
left join owed on owed.agreement_id = agreements.agreement_id and owed.currency = agreements.currency
