-- Usable lines of the ledger with what they are posted to: the project (as posted, and the one it counts as; one that nobody knows
-- stands as unassigned), the supplier, and the number of the other legal entity.
select
    lines.row_id,
    lines.connection,
    lines.role,
    lines.object,
    lines.source_id,
    lines.book,
    lines.account_role,
    lines.is_reversed_pair,
    lines.document_ref,
    lines.document_number,
    lines.posted_on,
    lines.period,
    lines.agreement_id,
    lines.customer_id,
    lines.legal_entity_id,
    postings.supplier_ref,
    postings.counterparty_subsidiary_id,
    project.enterprise_id as posted_project_id,
    coalesce(
        counted.counted_as_id, project.enterprise_id, concat('unassigned/', coalesce(postings.entity_id, lines.document_ref))
    ) as project_id,
    lines.currency,
    lines.functional_currency,
    lines.document_amount,
    lines.amount
from {{ ref('int_journal_line__claims') }} as lines
left join {{ ref('int_ledger__postings') }} as postings
    on postings.connection = lines.connection
    and postings.document_ref = lines.document_ref
    and postings.line_id = split_part(lines.source_id, '/', 3)
left join {{ ref('int_links') }} as project
    on project.entity = 'project' and project.connection = lines.connection and project.source_id = postings.entity_id
left join {{ ref('int_project__counted_as') }} as counted on counted.project_id = project.enterprise_id
where lines.claim_state = 'ok'
