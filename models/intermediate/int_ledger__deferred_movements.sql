{{ config(materialized='table') }}

-- Deferred revenue of each agreement and legal entity up to the last month with a revenue run: what moved it under a name, and what
-- journals without one moved (the larger of what they debit and credit) that no other check tells.
select
    lines.connection,
    'ERP' as role,
    'primary' as book,
    min(lines.object) as object,
    min(lines.source_id) as source_id,
    min(lines.row_id) as row_id,
    lines.agreement_id,
    max(lines.agreement_number) as agreement_number,
    max(lines.customer_id) as customer_id,
    lines.legal_entity_id,
    lines.currency,
    max(lines.last_recognised_period) as period,
    count(unnamed.row_id) as unnamed_count,
    string_agg(distinct unnamed.document_number, ', ' order by unnamed.document_number) as journals,
    min(unnamed.posted_on) as first_on,
    max(unnamed.posted_on) as last_on,
    cast(greatest(
        sum(case when unnamed.document_amount > 0 then unnamed.document_amount else 0 end),
        sum(case when unnamed.document_amount < 0 then -unnamed.document_amount else 0 end)
    ) as decimal(18, 4)) as unnamed_amount
from {{ ref('int_ledger__deferred_lines') }} as lines
left join {{ ref('int_ledger__unnamed_movements') }} as unnamed on unnamed.row_id = lines.row_id
where lines.is_at_run and lines.agreement_id is not null
group by lines.connection, lines.agreement_id, lines.legal_entity_id, lines.currency
