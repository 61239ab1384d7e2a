{{ config(materialized='table') }}

-- What stands on posted invoices of projects and what was charged, line by line. A credit that takes a billing mistake back
-- reduces the line it names; one that gives something to the customer does not. A charge that counts as billed and names no
-- invoice line stands alone. Charges of invoices that are not posted wait.
with documents as (

    select connection, source_id as invoice_ref, document_number, kind, is_posted, state, customer_id, unpaid_amount
    from {{ ref('int_invoice__claims') }}
    where role = 'ERP' and claim_state = 'ok'

),

lines as (

    select * from {{ ref('int_invoice_line__claims') }} where role = 'ERP' and claim_state = 'ok'

),

billed as (

    select lines.*, documents.customer_id, documents.unpaid_amount
    from lines
    inner join documents on documents.connection = lines.connection and documents.invoice_ref = lines.invoice_ref
    where lines.kind = 'invoice' and lines.is_posted

),

events as (

    select * from {{ ref('int_billing_event__claims') }} where role = 'ERP' and claim_state = 'ok' and state = 'invoiced'

),

sides as (

    select
        'invoice' as side,
        billed.connection || '/' || billed.source_id as line_key,
        billed.row_id, billed.connection, billed.role, billed.object, billed.source_id,
        billed.net_amount as amount, billed.currency,
        billed.source_id as invoice_line_ref, billed.invoice_ref, billed.document_number, billed.line_name, billed.unpaid_amount,
        billed.posted_on, billed.period, billed.customer_id, billed.agreement_id, billed.project_id, billed.agreement_line_key
    from billed
    where billed.project_ref is not null

    union all

    select
        'invoice' as side,
        billed.connection || '/' || billed.source_id as line_key,
        lines.row_id, lines.connection, lines.role, lines.object, lines.source_id,
        lines.net_amount as amount, lines.currency,
        billed.source_id as invoice_line_ref, billed.invoice_ref, billed.document_number, billed.line_name, billed.unpaid_amount,
        billed.posted_on, billed.period, billed.customer_id, billed.agreement_id, billed.project_id, billed.agreement_line_key
    from lines
    inner join billed on billed.connection = lines.connection and billed.source_id = lines.credited_line_ref
    where
        lines.kind = 'credit' and lines.is_posted and upper(lines.credit_reason) in ('BILLING_ERROR', 'DUPLICATE')
        and billed.project_ref is not null

    union all

    select
        'charge' as side,
        case
            when events.invoice_line_ref is not null then events.connection || '/' || events.invoice_line_ref
            else events.connection || '/charge/' || events.source_id
        end as line_key,
        events.row_id, events.connection, events.role, events.object, events.source_id,
        events.event_amount as amount, events.currency,
        events.invoice_line_ref, events.invoice_ref, documents.document_number, cast(null as string) as line_name,
        documents.unpaid_amount, events.event_on as posted_on, cast(null as string) as period,
        documents.customer_id, events.agreement_id, events.project_id, events.agreement_line_key
    from events
    left join documents on documents.connection = events.connection and documents.invoice_ref = events.invoice_ref
    where events.invoice_ref is null or documents.invoice_ref is null or documents.is_posted

)

select sides.*, hidden.hidden_row_count
from sides
cross join {{ ref('int_billing__hidden_rows') }} as hidden
