{{ config(materialized='table') }}

-- Ledger lines by which legal entities recharge work to each other: what stands on the accounts due from and due to another entity, of
-- documents that post recharge income or cost; payments between entities post neither. Each line with the pair, the project and
-- the month it is for. That is the month of its date: a recharge that is put right later keeps the last day of its month as its date.
with documents as (

    select distinct connection, document_ref
    from {{ ref('int_journal_line__claims') }}
    where claim_state = 'ok' and account_role in ('recharge_income', 'recharge_cost')

)

select
    lines.row_id,
    lines.connection,
    lines.role,
    lines.object,
    lines.source_id,
    lines.book,
    lines.document_ref,
    case when lines.account_role = 'due_from' then lines.legal_entity_id else other.enterprise_id end as performing_entity_id,
    case when lines.account_role = 'due_from' then other.enterprise_id else lines.legal_entity_id end as contracting_entity_id,
    lines.project_id,
    {{ period_of('lines.posted_on') }} as period,
    lines.agreement_id,
    lines.customer_id,
    lines.legal_entity_id,
    lines.currency,
    lines.functional_currency,
    lines.account_role = 'due_from' as is_receivable,
    cast(case when lines.account_role = 'due_from' then lines.document_amount else -lines.document_amount end as decimal(18, 4)) as amount,
    cast(case when lines.account_role = 'due_from' then lines.amount else -lines.amount end as decimal(18, 4)) as functional_amount
from {{ ref('int_ledger__project_lines') }} as lines
inner join documents on documents.connection = lines.connection and documents.document_ref = lines.document_ref
left join {{ ref('int_links') }} as other
    on other.entity = 'legal_entity' and other.connection = lines.connection
    and other.source_id = lines.counterparty_subsidiary_id
where lines.account_role in ('due_from', 'due_to')
