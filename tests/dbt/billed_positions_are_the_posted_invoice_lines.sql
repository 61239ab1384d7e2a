-- What all agreements were billed, the unassigned included, is what the posted invoice and credit lines add up to.
with lines as (

    select coalesce(sum(net_amount), 0) as amount
    from {{ ref('int_invoice_line__claims') }}
    where is_posted and claim_state = 'ok'

),

positions as (

    select coalesce(sum(billed_amount), 0) as amount from {{ ref('int_agreement__positions') }}

)

select lines.amount, positions.amount as positions_amount
from lines
cross join positions
where lines.amount <> positions.amount
