{{ config(materialized='table') }}

-- What journals posted to revenue, by document and agreement, and what is wrong with it: a copy of what revenue recognition
-- posted (same obligations' arrangement, account, month and amount, but no schedule line knows it), one that no schedule line knows
-- at all, or a second reversal of an entry that was reversed already. A document that was reversed itself is settled.
with scheduled as (

    select distinct connection, journal_ref
    from {{ ref('int_revenue_line__claims') }}
    where claim_state = 'ok' and journal_ref is not null

),

billing_documents as (

    select distinct connection, invoice_ref
    from {{ ref('int_invoice_line__claims') }}
    where claim_state = 'ok'

),

lines as (

    select
        claims.connection, claims.object, claims.source_id, claims.row_id, claims.document_ref, claims.document_number,
        claims.agreement_id, claims.customer_id, claims.agreement_number, claims.legal_entity_id, claims.account_number,
        claims.period, claims.posted_on, claims.currency, -claims.document_amount as revenue_amount,
        coalesce(claims.agreement_id, claims.agreement_number, 'unassigned') as agreement_key
    from {{ ref('int_journal_line__claims') }} as claims
    left join billing_documents
        on billing_documents.connection = claims.connection and billing_documents.invoice_ref = claims.document_ref
    where
        claims.claim_state = 'ok' and claims.book = 'primary' and claims.account_role = 'revenue'
        and billing_documents.invoice_ref is null

),

sources as (

    select connection, document_ref, line_id, min(source_ref) as source_ref
    from {{ ref('int_ledger__postings') }}
    where source_ref is not null
    group by connection, document_ref, line_id

),

entries as (

    select
        lines.connection,
        lines.document_ref,
        lines.agreement_key,
        lines.currency,
        min(lines.object) as object,
        min(lines.source_id) as source_id,
        min(lines.row_id) as row_id,
        min(lines.document_number) as document_number,
        min(lines.agreement_id) as agreement_id,
        min(lines.agreement_number) as agreement_number,
        min(lines.customer_id) as customer_id,
        min(lines.legal_entity_id) as legal_entity_id,
        min(lines.period) as period,
        min(lines.posted_on) as posted_on,
        min(sources.source_ref) as source_ref,
        max(scheduled.journal_ref) is not null as is_scheduled,
        sum(lines.revenue_amount) as revenue_amount,
        string_agg(
            concat_ws(' ', lines.account_number, cast(lines.revenue_amount as string)), ', '
            order by lines.account_number, lines.revenue_amount
        ) as content
    from lines
    left join sources
        on sources.connection = lines.connection
        and sources.document_ref = lines.document_ref
        and sources.line_id = split_part(lines.source_id, '/', 3)
    left join scheduled on scheduled.connection = lines.connection and scheduled.journal_ref = lines.document_ref
    group by lines.connection, lines.document_ref, lines.agreement_key, lines.currency

),

reversing as (

    select
        reversals.connection,
        reversals.document_ref,
        reversals.origin_ref,
        row_number() over (
            partition by reversals.connection, reversals.origin_ref
            order by documents.posted_on, length(reversals.document_ref), reversals.document_ref
        ) as place
    from {{ ref('int_ledger__reversals') }} as reversals
    inner join (select distinct connection, document_ref, posted_on from lines) as documents
        on documents.connection = reversals.connection and documents.document_ref = reversals.document_ref

),

settled as (

    select distinct connection, origin_ref
    from {{ ref('int_ledger__reversals') }}

),

judged as (

    select
        entries.*,
        reversing.origin_ref,
        twins.document_ref as twin_ref,
        twins.document_number as twin_number,
        case
            when settled.origin_ref is not null or entries.is_scheduled then null
            when reversing.place > 1 then 'reversed twice'
            when reversing.place = 1 or entries.source_ref is null then null
            when twins.document_ref is not null then 'posted twice'
            else 'no schedule'
        end as verdict
    from entries
    left join reversing on reversing.connection = entries.connection and reversing.document_ref = entries.document_ref
    left join settled on settled.connection = entries.connection and settled.origin_ref = entries.document_ref
    left join entries as twins
        on twins.is_scheduled
        and twins.connection = entries.connection
        and twins.agreement_key = entries.agreement_key
        and twins.currency = entries.currency
        and twins.period = entries.period
        and twins.source_ref = entries.source_ref
        and twins.content = entries.content
        and twins.document_ref <> entries.document_ref
    qualify
        row_number() over (
            partition by entries.connection, entries.document_ref, entries.agreement_key, entries.currency
            order by twins.document_ref
        ) = 1

)

select
    judged.connection, 'ERP' as role, judged.object, judged.source_id, judged.row_id, 'primary' as book,
    judged.document_ref, judged.document_number, judged.agreement_key, judged.agreement_id, judged.agreement_number,
    judged.customer_id, judged.legal_entity_id, judged.currency, judged.period, judged.posted_on,
    cast(judged.revenue_amount as decimal(18, 4)) as revenue_amount,
    judged.is_scheduled,
    coalesce(judged.twin_ref, judged.origin_ref) as other_ref,
    coalesce(judged.twin_number, origins.document_number) as other_number,
    judged.verdict
from judged
left join (select connection, document_ref, min(document_number) as document_number from lines group by connection, document_ref)
    as origins
    on origins.connection = judged.connection and origins.document_ref = judged.origin_ref
