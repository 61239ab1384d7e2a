{{ config(materialized='table') }}

-- Posted credit lines that give something to the customer, and what each must leave behind: a return of revenue, for rejected
-- hours a negative adjustment in the PSA, and the credited amount on the CRM's copy of the invoice. Where a credit names no
-- invoice line, the one it must mean is the line of the same agreement line on the invoice it was applied to.
with lines as (

    select * from {{ ref('int_invoice_line__claims') }} where role = 'ERP' and claim_state = 'ok' and is_posted

),

credits as (

    select
        *,
        row_number() over (partition by connection, invoice_ref, upper(credit_reason) order by line_no, source_id) as place,
        sum(net_amount) over (partition by connection, invoice_ref, upper(credit_reason)) as reason_amount
    from lines
    where kind = 'credit' and upper(credit_reason) in ('HOURS_REJECTED', 'CONCESSION')

),

applied as (

    select connection, payment_ref as credit_ref, min(invoice_ref) as invoice_ref
    from {{ ref('int_payment__claims') }}
    where role = 'ERP' and claim_state = 'ok' and kind = 'credit'
    group by connection, payment_ref

),

meant as (

    select
        credits.connection, credits.source_id,
        min(coalesce(named.source_id, alike.source_id)) as line_ref
    from credits
    left join lines as named
        on named.connection = credits.connection and named.source_id = credits.credited_line_ref and named.kind = 'invoice'
    left join applied on applied.connection = credits.connection and applied.credit_ref = credits.invoice_ref
    left join lines as alike
        on alike.connection = credits.connection and alike.invoice_ref = applied.invoice_ref and alike.kind = 'invoice'
        and alike.agreement_line_key = credits.agreement_line_key and alike.net_amount >= -credits.net_amount
    group by credits.connection, credits.source_id

),

rejected as (

    select
        meant.connection, meant.source_id, min(charge.source_id) as charge_ref
    from meant
    inner join credits on credits.connection = meant.connection and credits.source_id = meant.source_id
    inner join {{ ref('int_billing_event__claims') }} as charge
        on charge.connection = meant.connection and charge.invoice_line_ref = meant.line_ref
        and charge.event_amount = -credits.net_amount and charge.kind = 'time'
    where upper(credits.credit_reason) = 'HOURS_REJECTED'
    group by meant.connection, meant.source_id

)

select
    credits.row_id, credits.connection, credits.role, credits.object, credits.source_id, credits.updated_at, credits.claim_state,
    credits.connection || '/' || credits.source_id as credit_line_key,
    credits.invoice_ref as credit_ref,
    document.document_number,
    document.created_at,
    upper(credits.credit_reason) as credit_reason,
    cast(-credits.net_amount as decimal(18, 4)) as credit_amount,
    cast(-credits.reason_amount as decimal(18, 4)) as reason_amount,
    credits.place,
    hidden.hidden_row_count,
    credits.currency,
    credits.posted_on,
    credits.period,
    credits.line_no,
    credits.agreement_id,
    credits.project_id,
    document.customer_id,
    credits.credited_line_ref,
    meant.line_ref as meant_line_ref,
    meant_line.obligation_ref as meant_obligation_ref,
    applied.invoice_ref as applied_invoice_ref,
    settled.credited_amount as invoice_credited_amount,
    entry.time_entry_key,
    entry.source_id as entry_ref,
    entry.task_ref as entry_task_ref,
    entry.project_ref as entry_project_ref,
    entry.person_ref as entry_person_ref,
    entry.work_on as entry_work_on,
    entry.minutes as entry_minutes,
    entry.hourly_rate as entry_rate
from credits
inner join meant on meant.connection = credits.connection and meant.source_id = credits.source_id
cross join {{ ref('int_billing__hidden_rows') }} as hidden
left join lines as meant_line on meant_line.connection = meant.connection and meant_line.source_id = meant.line_ref
left join {{ ref('int_invoice__claims') }} as document
    on document.role = 'ERP' and document.connection = credits.connection and document.source_id = credits.invoice_ref
left join applied on applied.connection = credits.connection and applied.credit_ref = credits.invoice_ref
left join {{ ref('int_invoice__claims') }} as settled
    on settled.role = 'ERP' and settled.connection = credits.connection and settled.source_id = applied.invoice_ref
left join rejected on rejected.connection = credits.connection and rejected.source_id = credits.source_id
left join {{ ref('int_billing_event__claims') }} as charge
    on charge.connection = rejected.connection and charge.source_id = rejected.charge_ref
left join {{ ref('int_time_entry__valued') }} as entry
    on entry.kind = 'actual' and entry.time_entry_key = charge.time_entry_key
