{{ config(materialized='table') }}

-- Documents posted in a month that is closed: when each was made, when the month closed (the end of that day, in the firm's time
-- zone), and the month that is open now. A document that an earlier month sent to an open one keeps its date and is not here.
with documents as (

    select
        claims.connection,
        claims.document_ref,
        min(claims.document_number) as document_number,
        min(claims.document_type) as document_type,
        min(claims.period) as period,
        min(claims.posted_on) as posted_on,
        min(claims.agreement_id) as agreement_id,
        min(claims.customer_id) as customer_id,
        min(claims.legal_entity_id) as legal_entity_id,
        min(claims.functional_currency) as currency,
        sum(claims.debit_amount) as posted_amount
    from {{ ref('int_journal_line__claims') }} as claims
    where claims.claim_state = 'ok' and claims.book = 'primary'
    group by claims.connection, claims.document_ref

),

made as (

    select connection, document_ref, min(created_at) as created_at
    from {{ ref('int_ledger__postings') }}
    group by connection, document_ref

),

periods as (

    select
        connection,
        period,
        min(source_id) as period_ref,
        bool_or(is_closed) as is_closed,
        max(closed_on) as closed_on
    from {{ ref('int_accounting_period__claims') }}
    where claim_state = 'ok'
    group by connection, period

)

select
    documents.connection, 'ERP' as role, 'transaction' as object, documents.document_ref as source_id,
    cast(null as bigint) as row_id, 'primary' as book,
    documents.document_ref, documents.document_number, documents.document_type, documents.period, documents.posted_on,
    documents.agreement_id, documents.customer_id, documents.legal_entity_id, documents.currency,
    cast(documents.posted_amount as decimal(18, 4)) as posted_amount,
    periods.period_ref,
    periods.closed_on,
    {{ firm_time_to_utc("cast(periods.closed_on as timestamp) + interval 1 day") }} as closed_at,
    made.created_at,
    now.open_period,
    open_one.period_ref as open_period_ref
from documents
inner join periods on periods.connection = documents.connection and periods.period = documents.period and periods.is_closed
left join made on made.connection = documents.connection and made.document_ref = documents.document_ref
left join {{ ref('int_accounting_period__now') }} as now on now.connection = documents.connection
left join periods as open_one on open_one.connection = now.connection and open_one.period = now.open_period
