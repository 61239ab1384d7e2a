-- The firm's recognised revenue of all months is what the actual plans posted.
with plans as (

    select coalesce(sum(revenue_amount), 0) as amount
    from {{ ref('int_revenue_line__claims') }}
    where status = 'posted' and book = 'primary' and claim_state = 'ok'

),

firm as (

    select coalesce(sum(recognised_amount), 0) as amount from {{ ref('firm_position') }} where role = 'REVREC'

)

select plans.amount, firm.amount as firm_amount
from plans
cross join firm
where plans.amount <> firm.amount
