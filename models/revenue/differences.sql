{{ config(tags=['computed']) }}

-- Both ends of every difference by agreement and month, up to the last month whose revenue run is done: what was planned, delivered
-- or billed, and what the books recognised (posted revenue, read apart from the lines the causes are worked out by); planned margin
-- and billed margin.
with run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

firsts as (

    select agreement_id, book, currency, period, difference, sum(amount) as amount
    from {{ ref('difference_steps') }}
    where cause = 'from'
    group by agreement_id, book, currency, period, difference
    union all
    select bridges.agreement_id, bridges.book, bridges.currency, bridges.period, 'billed', sum(bridges.amount)
    from {{ ref('bridges') }} as bridges
    cross join run
    inner join {{ ref('int_ledger__books') }} as kept on kept.book = bridges.book
    where bridges.bridge = 'billing_to_revenue' and bridges.cause = 'billed' and bridges.period <= run.last_period
    group by bridges.agreement_id, bridges.book, bridges.currency, bridges.period

),

recognised as (

    select
        agreement_id, book, currency, period,
        booked_recognised_amount - coalesce(lag(booked_recognised_amount) over (partition by agreement_id, book, currency order by period), 0)
            as amount
    from {{ ref('balances') }}

),

two_ends as (

    select agreement_id, book, currency, period, difference, amount as from_amount, cast(0 as decimal(18, 4)) as to_amount from firsts
    union all
    select agreement_id, book, currency, period, difference, 0, amount
    from {{ ref('difference_steps') }}
    where difference = 'margin' and cause = 'to'
    union all
    select agreement_id, book, currency, period, named.difference, 0, amount
    from recognised
    cross join (
        select 'planned' as difference
        union all
        select 'delivered'
        union all
        select 'billed'
    ) as named
    where amount <> 0

)

select
    two_ends.agreement_id,
    two_ends.book,
    agreement.legal_entity_id,
    agreement.customer_id,
    two_ends.currency,
    two_ends.period,
    two_ends.difference,
    case two_ends.difference when 'margin' then 'planned_margin' else two_ends.difference end as from_measure,
    case two_ends.difference when 'margin' then 'billed_margin' else 'recognised' end as to_measure,
    cast(sum(two_ends.from_amount) as decimal(18, 4)) as from_amount,
    cast(sum(two_ends.to_amount) as decimal(18, 4)) as to_amount,
    cast(sum(two_ends.from_amount - two_ends.to_amount) as decimal(18, 4)) as amount
from two_ends
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = two_ends.agreement_id
group by two_ends.agreement_id, two_ends.book, agreement.legal_entity_id, agreement.customer_id, two_ends.currency, two_ends.period, two_ends.difference
