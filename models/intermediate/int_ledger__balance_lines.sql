{{ config(materialized='table') }}

-- Lines of the ledger on the balances of agreements (unbilled receivable, contract asset, contract liability, refund
-- liability), in document currency, debit positive. A line stands when the balances of the last month with a revenue run
-- hold it: it is of that month or an earlier one, undoes a document of such a month, or is of a document that
-- only moves amounts between these balances of the agreement. Later invoices wait for their revenue run.
with lines as (

    select
        claims.row_id, claims.connection, claims.role, claims.object, claims.source_id, claims.agreement_id, claims.customer_id,
        claims.agreement_number, claims.legal_entity_id, claims.legal_entity_ref, claims.currency,
        claims.account_number, claims.account_role, claims.posted_on, claims.document_ref, claims.document_number,
        claims.document_amount,
        coalesce(reversals.origin_ref, claims.document_ref) as event_ref,
        coalesce(reversals.origin_period, claims.period) as period
    from {{ ref('int_journal_line__claims') }} as claims
    left join {{ ref('int_ledger__reversals') }} as reversals
        on reversals.connection = claims.connection and reversals.document_ref = claims.document_ref
    where
        claims.account_role in ('UR', 'CA', 'CL', 'RL') and claims.claim_state = 'ok' and claims.book = 'primary'

)

select
    lines.*,
    now.last_recognised_period,
    coalesce(
        lines.period <= now.last_recognised_period
        or sum(lines.document_amount) over (
            partition by
                lines.connection, coalesce(lines.agreement_id, lines.agreement_number), lines.currency, lines.event_ref
        ) = 0,
        false
    ) as is_standing
from lines
left join {{ ref('int_accounting_period__now') }} as now on now.connection = lines.connection
