{{ config(materialized='table') }}

-- Journals that moved deferred revenue of an agreement as no known movement, up to the last month with a revenue run, line by line,
-- as far as no other check tells them: not where the revenue accounts are off by them or they came after the close, and where the balance
-- is off, or a correction set it off, only amounts that left the account and came back: those did not bring it there.
with told as (

    select connection, agreement_id, legal_entity_id, currency
    from {{ ref('int_ledger__deferred_control') }}
    where agreement_id is not null
    group by connection, agreement_id, legal_entity_id, currency
    having sum(case side when 'ledger' then deferred_amount else -deferred_amount end) <> 0

    union

    select connection, agreement_id, legal_entity_id, currency
    from {{ ref('int_ledger__deferred_lines') }} as lines
    where
        movement = 'corrected' and agreement_id is not null
        and not exists (
            select 1 from {{ ref('int_ledger__reversals') }} as reversals
            where
                reversals.connection = lines.connection
                and (reversals.document_ref = lines.document_ref or reversals.origin_ref = lines.document_ref)
        )

),

elsewhere as (

    select connection, document_ref from {{ ref('int_ledger__revenue') }} where not is_agreed and document_ref is not null
    union
    select connection, document_ref from {{ ref('int_ledger__late_postings') }} where created_at >= closed_at

),

typed as (

    select
        lines.*,
        row_number() over (
            partition by lines.connection, lines.agreement_id, lines.legal_entity_id, lines.currency, lines.document_amount
            order by lines.posted_on, lines.row_id
        ) as place
    from {{ ref('int_ledger__deferred_lines') }} as lines
    left join elsewhere on elsewhere.connection = lines.connection and elsewhere.document_ref = lines.document_ref
    where lines.movement is null and lines.is_at_run and lines.agreement_id is not null and elsewhere.document_ref is null

)

select
    typed.row_id, typed.connection, typed.role, typed.object, typed.source_id, typed.document_ref, typed.document_number,
    typed.agreement_id, typed.currency, typed.posted_on, typed.document_amount, typed.legal_entity_id
from typed
left join told
    on told.connection = typed.connection and told.agreement_id = typed.agreement_id
    and told.legal_entity_id = typed.legal_entity_id and told.currency = typed.currency
left join typed as came_back
    on came_back.connection = typed.connection and came_back.agreement_id = typed.agreement_id
    and came_back.legal_entity_id = typed.legal_entity_id and came_back.currency = typed.currency
    and came_back.document_amount = -typed.document_amount and came_back.place = typed.place
where told.agreement_id is null or came_back.row_id is not null
