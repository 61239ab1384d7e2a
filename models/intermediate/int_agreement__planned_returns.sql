-- What the open month takes back from revenue because of credits on invoices of the months before: it goes back to deferred
-- revenue by itself when the month's revenue is run.
select
    lines.connection,
    lines.agreement_id,
    lines.legal_entity_id,
    lines.currency,
    cast(-sum(lines.revenue_amount) as decimal(18, 4)) as returned_amount
from {{ ref('int_revenue_line__claims') }} as lines
inner join {{ ref('int_obligation__claims') }} as obligations
    on obligations.connection = lines.connection
    and obligations.source_id = lines.obligation_ref
    and obligations.claim_state = 'ok'
inner join {{ ref('int_invoice_line__claims') }} as credits
    on credits.connection = obligations.connection
    and credits.source_id = obligations.credit_line_ref
    and credits.is_posted
left join {{ ref('int_invoice_line__claims') }} as credited
    on credited.connection = credits.connection and credited.source_id = credits.credited_line_ref
inner join {{ ref('int_accounting_period__now') }} as now on now.connection = lines.connection
where
    lines.status = 'planned' and lines.is_return and lines.claim_state = 'ok' and lines.book = 'primary'
    and lines.agreement_id is not null
    and (credits.period <= now.last_recognised_period or credited.period <= now.last_recognised_period)
group by lines.connection, lines.agreement_id, lines.legal_entity_id, lines.currency
