{{ config(materialized='table') }}

-- Every line on deferred revenue with the movement it is: billed, credited, released to revenue by a schedule, set off by the
-- month-end reclassification, revalued, or corrected (a document and its reversal, or a journal that a correction sent). A line
-- of a journal that somebody typed is no known movement (`movement` is null).
with billing as (

    select connection, invoice_ref as document_ref, min(kind) as kind
    from {{ ref('int_invoice_line__claims') }}
    where claim_state = 'ok'
    group by connection, invoice_ref

),

schedules as (

    select distinct connection, journal_ref as document_ref
    from {{ ref('int_revenue_line__claims') }}
    where claim_state = 'ok' and journal_ref is not null

),

corrected as (

    select connection, document_ref from {{ ref('int_ledger__reversals') }}
    union
    select connection, origin_ref from {{ ref('int_ledger__reversals') }}

),

documents as (

    select
        connection,
        document_ref,
        max(document_type) as document_type,
        max(source_ref) as source_ref,
        max(external_id) as external_id
    from {{ ref('int_ledger__postings') }}
    group by connection, document_ref

)

select
    lines.row_id, lines.connection, 'ERP' as role, lines.object, lines.source_id, lines.document_ref, lines.document_number,
    lines.agreement_id, lines.customer_id, lines.agreement_number, lines.currency, lines.account_number, lines.period,
    lines.posted_on, lines.is_at_run, lines.last_recognised_period, lines.document_amount,
    coalesce(lines.legal_entity_id, lines.legal_entity_ref) as legal_entity_id,
    case
        when billing.kind = 'credit' then 'credited'
        when billing.kind is not null then 'billed'
        when corrected.document_ref is not null then 'corrected'
        when schedules.document_ref is not null then 'released'
        when documents.source_ref is not null then 'set off'
        when documents.document_type <> 'Journal' then 'revalued'
        when documents.external_id is not null then 'corrected'
    end as movement
from {{ ref('int_ledger__balance_lines') }} as lines
left join billing on billing.connection = lines.connection and billing.document_ref = lines.document_ref
left join schedules on schedules.connection = lines.connection and schedules.document_ref = lines.document_ref
left join corrected on corrected.connection = lines.connection and corrected.document_ref = lines.document_ref
left join documents on documents.connection = lines.connection and documents.document_ref = lines.document_ref
where lines.account_role = 'CL'
