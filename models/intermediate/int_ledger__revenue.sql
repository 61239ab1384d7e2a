{{ config(materialized='table') }}

-- Revenue as the schedules say it was recognised, and as the general ledger has it, by account, legal entity and month.
-- A document that undoes an earlier one counts in the month of the earlier one. Invoices and credits that post to a revenue
-- account by themselves (items without a schedule) stand on both sides. Where a document says the same on both sides for
-- an agreement it is summed up; where not, each of its lines is a row.
with accounts as (

    select distinct connection, account_number
    from {{ ref('int_revenue_line__claims') }}
    where claim_state = 'ok' and account_number is not null
    union
    select distinct connection, account_number
    from {{ ref('int_journal_line__claims') }}
    where claim_state = 'ok' and account_role = 'revenue'

),

billing_documents as (

    select distinct connection, invoice_ref
    from {{ ref('int_invoice_line__claims') }}
    where claim_state = 'ok'

),

recognition_journals as (

    select distinct connection, journal_ref
    from {{ ref('int_revenue_line__claims') }}
    where claim_state = 'ok' and journal_ref is not null

),

ledger as (

    select
        lines.row_id, lines.connection, 'ERP' as role, lines.object, lines.source_id,
        lines.account_number,
        lines.legal_entity_id,
        lines.legal_entity_ref,
        coalesce(reversals.origin_period, lines.period) as period,
        lines.functional_currency as currency,
        coalesce(reversals.origin_ref, lines.document_ref) as document_ref,
        lines.agreement_id, lines.customer_id, lines.agreement_number,
        -lines.amount as revenue_amount,
        billing_documents.invoice_ref is not null as is_direct,
        recognition_journals.journal_ref is not null as is_recognition
    from {{ ref('int_journal_line__claims') }} as lines
    inner join accounts on accounts.connection = lines.connection and accounts.account_number = lines.account_number
    left join {{ ref('int_ledger__reversals') }} as reversals
        on reversals.connection = lines.connection and reversals.document_ref = lines.document_ref
    left join billing_documents
        on billing_documents.connection = lines.connection
        and billing_documents.invoice_ref = coalesce(reversals.origin_ref, lines.document_ref)
    left join recognition_journals
        on recognition_journals.connection = lines.connection
        and recognition_journals.journal_ref = coalesce(reversals.origin_ref, lines.document_ref)
    where lines.claim_state = 'ok' and lines.book = 'primary'

),

schedules as (

    select
        row_id, connection, 'REVREC' as role, object, source_id,
        account_number, legal_entity_id, legal_entity_ref, period,
        functional_currency as currency,
        journal_ref as document_ref,
        agreement_id, customer_id, agreement_number,
        functional_amount as revenue_amount,
        false as is_direct, true as is_recognition
    from {{ ref('int_revenue_line__claims') }}
    where claim_state = 'ok' and status = 'posted' and book = 'primary'

),

both_sides as (

    select 'ledger' as side, ledger.* from ledger
    union all
    select 'schedule' as side, ledger.* from ledger where is_direct
    union all
    select 'schedule' as side, schedules.* from schedules

),

judged as (

    select
        both_sides.*,
        coalesce(legal_entity_id, legal_entity_ref) as legal_entity_key,
        sum(case side when 'ledger' then revenue_amount else -revenue_amount end) over (
            partition by
                connection, account_number, coalesce(legal_entity_id, legal_entity_ref), currency, period, document_ref,
                coalesce(agreement_id, agreement_number)
        ) = 0 as is_agreed,
        -- Journals that sum up many schedules name no agreement.
        case when is_recognition and side = 'ledger' and agreement_number is null then 1 else 0 end as is_summary
    from both_sides

),

listed as (

    select
        row_id, connection, role, object, source_id, side, account_number, legal_entity_key, legal_entity_id, currency, period,
        document_ref, agreement_id, customer_id, revenue_amount, is_agreed, is_recognition, is_summary, 1 as line_count
    from judged
    where not is_agreed

    union all

    select
        cast(null as bigint), connection, role, cast(null as string), cast(null as string), side, account_number,
        legal_entity_key, legal_entity_id, currency, period,
        cast(null as string), cast(null as string), cast(null as string), sum(revenue_amount), true,
        cast(null as boolean), max(is_summary), count(*)
    from judged
    where is_agreed
    group by connection, role, side, account_number, legal_entity_key, legal_entity_id, currency, period

)

select
    listed.row_id, listed.connection, listed.role, listed.object, listed.source_id, 'primary' as book, listed.side,
    listed.account_number, listed.legal_entity_key, listed.legal_entity_id, listed.currency, listed.period,
    listed.document_ref, listed.agreement_id, listed.customer_id,
    cast(listed.revenue_amount as decimal(18, 4)) as revenue_amount,
    listed.is_agreed, listed.is_recognition,
    max(listed.is_summary) over (partition by listed.connection) = 1 as is_summary,
    sum(listed.line_count) over (
        partition by listed.connection, listed.account_number, listed.legal_entity_key, listed.currency, listed.period
    ) as posted_line_count,
    coalesce(hidden.hidden_row_count, 0) as hidden_row_count
from listed
left join {{ ref('int_ledger__hidden_rows') }} as hidden on hidden.connection = listed.connection
