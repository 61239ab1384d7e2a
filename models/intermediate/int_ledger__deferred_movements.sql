{{ config(materialized='table') }}

-- Deferred revenue of each agreement and legal entity up to the last month with a revenue run: what moved it under a name, and what
-- journals without one moved (the larger of what they debit and credit). These are left to the checks that tell them already where
-- the balance or the revenue accounts are off by them, where they came after the close, and where a correction set the balances off.
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

lines as (

    select
        lines.*,
        lines.movement is null and told.agreement_id is null and elsewhere.document_ref is null as is_unnamed
    from {{ ref('int_ledger__deferred_lines') }} as lines
    left join told
        on told.connection = lines.connection and told.agreement_id = lines.agreement_id
        and told.legal_entity_id = lines.legal_entity_id and told.currency = lines.currency
    left join elsewhere on elsewhere.connection = lines.connection and elsewhere.document_ref = lines.document_ref
    where lines.is_at_run and lines.agreement_id is not null

)

select
    connection,
    'ERP' as role,
    'primary' as book,
    min(object) as object,
    min(source_id) as source_id,
    min(row_id) as row_id,
    agreement_id,
    max(agreement_number) as agreement_number,
    max(customer_id) as customer_id,
    legal_entity_id,
    currency,
    max(last_recognised_period) as period,
    sum(case when is_unnamed then 1 else 0 end) as unnamed_count,
    string_agg(distinct case when is_unnamed then document_number end, ', ' order by case when is_unnamed then document_number end)
        as journals,
    min(case when is_unnamed then posted_on end) as first_on,
    max(case when is_unnamed then posted_on end) as last_on,
    cast(greatest(
        sum(case when is_unnamed and document_amount > 0 then document_amount else 0 end),
        sum(case when is_unnamed and document_amount < 0 then -document_amount else 0 end)
    ) as decimal(18, 4)) as unnamed_amount
from lines
group by connection, agreement_id, legal_entity_id, currency
