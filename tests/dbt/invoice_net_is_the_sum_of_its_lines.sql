-- The net amount of an invoice or credit memo is what its lines without tax add up to.
select invoice.connection, invoice.source_id, invoice.net_amount, sum(line.net_amount) as lines_amount
from {{ ref('int_invoice__claims') }} as invoice
left join {{ ref('int_invoice_line__claims') }} as line
    on line.connection = invoice.connection and line.invoice_ref = invoice.source_id
where invoice.role = 'ERP' and invoice.claim_state = 'ok'
group by invoice.connection, invoice.source_id, invoice.net_amount
having coalesce(invoice.net_amount, 0) <> coalesce(sum(line.net_amount), 0)
