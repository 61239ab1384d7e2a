{{ config(materialized='table') }}

-- Posted invoices of the ERP that still stand, with what makes two of them the same bill: the billing event, else customer,
-- projects, month and total; always in the same company and currency. An invoice that credits took back in full is gone.
with lines as (

    select * from {{ ref('int_invoice_line__claims') }} where role = 'ERP' and claim_state = 'ok' and is_posted

),

contents as (

    select connection, invoice_ref, min(project_ref) as first_project, max(project_ref) as last_project,
        count(distinct project_ref) as projects
    from lines
    where kind = 'invoice'
    group by connection, invoice_ref

),

taken_back as (

    select credited.connection, credited.invoice_ref, -sum(lines.net_amount) as credited_amount
    from lines
    inner join lines as credited on credited.connection = lines.connection and credited.source_id = lines.credited_line_ref
    where lines.kind = 'credit'
    group by credited.connection, credited.invoice_ref

)

select
    invoice.*,
    coalesce(taken_back.credited_amount, 0) as taken_back_amount,
    hidden.hidden_row_count,
    concat_ws(
        '|',
        coalesce(
            invoice.billing_event_key,
            concat_ws(
                '|', invoice.customer_ref, invoice.net_amount, contents.projects, contents.first_project, contents.last_project,
                invoice.period
            )
        ),
        invoice.legal_entity_ref,
        invoice.currency
    ) as bill_key
from {{ ref('int_invoice__claims') }} as invoice
left join contents on contents.connection = invoice.connection and contents.invoice_ref = invoice.source_id
left join taken_back on taken_back.connection = invoice.connection and taken_back.invoice_ref = invoice.source_id
cross join {{ ref('int_billing__hidden_rows') }} as hidden
where
    invoice.role = 'ERP' and invoice.claim_state = 'ok' and invoice.kind = 'invoice' and invoice.is_posted
    and not coalesce(invoice.is_cancelled, false)
    and not (invoice.net_amount > 0 and coalesce(taken_back.credited_amount, 0) >= invoice.net_amount)
