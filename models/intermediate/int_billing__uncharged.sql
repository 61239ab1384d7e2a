-- What posted invoice lines of projects bill beyond what was charged: lines added by hand, overwritten ones, bills sent twice.
-- The excess is negative where less was billed than charged, and on the credit line that takes a billing mistake back.
with charged as (

    select connection, invoice_line_ref, sum(amount) as charged_amount
    from {{ ref('int_billing__lines') }}
    where side = 'charge' and invoice_line_ref is not null
    group by connection, invoice_line_ref

)

select
    billed.row_id, billed.connection, billed.object, billed.source_id, billed.agreement_id, billed.period, billed.currency,
    billed.amount - coalesce(charged.charged_amount, 0) as excess_amount
from {{ ref('int_billing__lines') }} as billed
left join charged on charged.connection = billed.connection and charged.invoice_line_ref = billed.source_id
where billed.side = 'invoice'
