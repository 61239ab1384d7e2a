{{ config(materialized='table') }}

-- Ledger lines that put cost on projects of agreements: labour of own staff, work of subcontractors and overhead; each with the project,
-- the supplier and the month it is for. That is the month of its date: cost that is put right later keeps the last day of its month as
-- its date. A labour or overhead journal and its reversal drop out together; an accrual of supplier bills counts until it is reversed.
select
    lines.row_id,
    lines.connection,
    lines.role,
    lines.object,
    lines.source_id,
    lines.book,
    lines.document_ref,
    lines.document_number,
    case lines.account_role when 'labour_cost' then 'labour' when 'subcontractor_cost' then 'subcontractor' else 'overhead' end as kind,
    case when lines.account_role = 'subcontractor_cost' then coalesce(lines.supplier_ref, 'unknown') else '' end as supplier_ref,
    lines.project_id,
    {{ period_of('lines.posted_on') }} as period,
    lines.agreement_id,
    lines.customer_id,
    lines.legal_entity_id,
    lines.currency,
    lines.document_amount as amount
from {{ ref('int_ledger__project_lines') }} as lines
where
    lines.book = 'primary' and lines.account_role in ('labour_cost', 'subcontractor_cost', 'overhead')
    and (lines.account_role = 'subcontractor_cost' or not lines.is_reversed_pair)
    and (lines.agreement_id is not null or lines.posted_project_id is null)
