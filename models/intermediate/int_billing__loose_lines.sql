{{ config(materialized='table') }}

-- Posted lines of invoices and credit memos that no obligation stands behind, and what they put on deferred revenue: no
-- revenue will ever take it from there. A line added by hand, a credit typed free-hand. The two views are those of the
-- balance lines.
select
    lines.connection, lines.object, lines.source_id, lines.row_id,
    balances.agreement_id, balances.legal_entity_id, balances.currency, balances.is_at_run, balances.is_corrected,
    cast(-balances.document_amount as decimal(18, 4)) as liability_amount
from {{ ref('int_ledger__balance_lines') }} as balances
inner join {{ ref('int_invoice_line__obligations') }} as lines
    on lines.connection = balances.connection
    and lines.invoice_ref = balances.document_ref
    and lines.line_no = balances.line_no
where balances.account_role = 'CL' and balances.agreement_id is not null and lines.obligation_ref is null
