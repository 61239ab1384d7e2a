{{ config(materialized='view', schema='intermediate') }}

-- What was billed, credited and paid: a row per posted line of an invoice or credit memo (the tax of a document stands at its
-- first line), and a row per payment of an invoice. What is billed before its service starts is an advance. The reason of a credit says
-- whether it gives up price (a concession, rejected work) or corrects a document only.
with lines as (

    select
        *,
        row_number() over (partition by connection, invoice_ref order by line_no, source_id) as place
    from {{ ref('int_invoice_line__claims') }}
    where role = 'ERP' and claim_state = 'ok' and is_posted and agreement_id is not null

),

documents as (

    select connection, source_id, agreement_id, document_number, issued_on, due_on, tax_amount, exchange_rate, credit_reason
    from {{ ref('int_invoice__claims') }}
    where role = 'ERP' and claim_state = 'ok' and is_posted

),

rows_billed as (

    select
        lines.agreement_id,
        case lines.kind when 'credit' then 'credited' else 'invoiced' end as kind,
        coalesce(lines.posted_on, documents.issued_on) as happened_on,
        lines.period,
        case
            when lines.agreement_line_key is not null then lines.agreement_line_key
            when lines.obligation_ref is not null or lines.expense_key is not null then {{ expenses_of('agreement.agreement_number') }}
        end as obligation_key,
        lines.currency,
        case lines.kind when 'credit' then -lines.net_amount else lines.net_amount end as amount,
        case
            when lines.place > 1 then 0
            when lines.kind = 'credit' then -coalesce(documents.tax_amount, 0)
            else coalesce(documents.tax_amount, 0)
        end as tax_amount,
        lines.document_number,
        documents.due_on,
        coalesce(terms.start_on, agreement.start_on) > coalesce(lines.posted_on, documents.issued_on) as is_advance,
        lower(coalesce(lines.credit_reason, documents.credit_reason)) as credit_reason,
        lines.exchange_rate,
        lines.connection,
        lines.object,
        lines.source_id,
        lines.row_id
    from lines
    inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = lines.agreement_id
    left join documents on documents.connection = lines.connection and documents.source_id = lines.invoice_ref
    left join {{ ref('int_agreement_line__terms') }} as terms on terms.agreement_line_key = lines.agreement_line_key

)

select
    agreement_id,
    kind,
    happened_on,
    period,
    cast(null as integer) as version_no,
    obligation_key,
    currency,
    amount,
    cast(null as decimal(18, 8)) as quantity,
    cast(null as string) as unit,
    {{ json_of([
        ('document', 'document_number'),
        ('tax', 'cast(tax_amount as decimal(18, 4))'),
        ('due_on', 'due_on'),
        ('advance', "case when kind = 'invoiced' then is_advance end"),
        ('rate', 'exchange_rate'),
        ('reason', 'credit_reason'),
    ]) }} as attributes,
    connection,
    object,
    source_id,
    row_id,
    1 as records
from rows_billed

union all

select
    documents.agreement_id,
    'received',
    payments.paid_on,
    {{ period_of('payments.paid_on') }},
    cast(null as integer),
    cast(null as string),
    payments.currency,
    payments.paid_amount,
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([('document', 'documents.document_number'), ('payment', 'payments.payment_ref')]) }},
    payments.connection,
    payments.object,
    payments.source_id,
    payments.row_id,
    1
from {{ ref('int_payment__claims') }} as payments
inner join documents on documents.connection = payments.connection and documents.source_id = payments.invoice_ref
where payments.role = 'ERP' and payments.kind = 'cash' and payments.claim_state = 'ok' and documents.agreement_id is not null
