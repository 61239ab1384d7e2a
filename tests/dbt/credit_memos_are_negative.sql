-- A credit memo takes back: its lines add up to nothing or less, those of an invoice to nothing or more.
select connection, source_id, kind, net_amount
from {{ ref('int_invoice__claims') }}
where
    role = 'ERP' and claim_state = 'ok'
    and ((kind = 'credit' and net_amount > 0) or (kind = 'invoice' and net_amount < 0))
