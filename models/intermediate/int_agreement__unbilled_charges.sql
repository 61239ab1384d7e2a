{{ config(materialized='table') }}

-- Charges for time and expenses that are earned and on no invoice, with the day from which they could be billed: the day of the
-- work, or the day the charge was made where that came later.
select
    claims.row_id, claims.connection, claims.role, claims.object, claims.source_id,
    claims.agreement_id, claims.customer_id, claims.agreement_number, claims.kind, claims.state, claims.currency,
    claims.event_amount, claims.order_ref,
    greatest(claims.event_on, coalesce(cast(claims.created_at as date), claims.event_on)) as billable_on
from {{ ref('int_billing_event__claims') }} as claims
where
    claims.claim_state = 'ok' and claims.role = 'ERP' and claims.kind in ('time', 'expense')
    and claims.state in ('held', 'ready') and claims.event_amount <> 0
