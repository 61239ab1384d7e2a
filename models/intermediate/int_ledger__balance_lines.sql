{{ config(materialized='table') }}

-- Lines of the ledger on the balances of agreements (unbilled receivable, contract asset, contract liability, refund
-- liability), in document currency, debit positive, and which of two views hold each. As it was at the last month with a revenue
-- run: lines of that month and earlier ones. With what corrects it since: also lines that undo a document of such a month,
-- credit an invoice of such a month, or only move amounts between these balances of the agreement. Other documents of
-- later months wait for their own revenue run.
with credited as (

    select distinct credits.connection, credits.invoice_ref as document_ref
    from {{ ref('int_invoice_line__claims') }} as credits
    inner join {{ ref('int_invoice_line__claims') }} as lines
        on lines.connection = credits.connection and lines.source_id = credits.credited_line_ref
    inner join {{ ref('int_accounting_period__now') }} as now on now.connection = lines.connection
    where credits.kind = 'credit' and lines.period <= now.last_recognised_period

),

lines as (

    select
        claims.row_id, claims.connection, claims.role, claims.object, claims.source_id, claims.agreement_id, claims.customer_id,
        claims.agreement_number, claims.legal_entity_id, claims.legal_entity_ref, claims.currency,
        claims.account_number, claims.account_role, claims.posted_on, claims.period, claims.document_ref, claims.document_number,
        claims.line_no, claims.document_amount,
        coalesce(reversals.origin_ref, claims.document_ref) as event_ref,
        coalesce(reversals.origin_period, claims.period) as event_period,
        credited.document_ref is not null as is_credit_of_earlier
    from {{ ref('int_journal_line__claims') }} as claims
    left join {{ ref('int_ledger__reversals') }} as reversals
        on reversals.connection = claims.connection and reversals.document_ref = claims.document_ref
    left join credited on credited.connection = claims.connection and credited.document_ref = claims.document_ref
    where
        claims.account_role in ('UR', 'CA', 'CL', 'RL') and claims.claim_state = 'ok' and claims.book = 'primary'

)

select
    lines.*,
    now.last_recognised_period,
    coalesce(lines.period <= now.last_recognised_period, false) as is_at_run,
    coalesce(
        lines.event_period <= now.last_recognised_period
        or lines.is_credit_of_earlier
        or sum(lines.document_amount) over (
            partition by
                lines.connection, coalesce(lines.agreement_id, lines.agreement_number), lines.currency, lines.event_ref
        ) = 0,
        false
    ) as is_corrected
from lines
left join {{ ref('int_accounting_period__now') }} as now on now.connection = lines.connection
