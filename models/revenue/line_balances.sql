{{ config(tags=['computed']) }}

-- Revenue of every agreement line by month, up to the last month whose revenue run is done: what the evidence says and what the
-- books recognised (elements of the line and what credit memos took back). A line that only one of the two knows is kept. Of a book that
-- no ledger keeps, what is booked and the difference are empty.
with run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

booked as (

    select
        claims.agreement_id,
        claims.book,
        claims.currency,
        coalesce(claims.agreement_line_key, {{ expenses_of('agreement.agreement_number') }}) as obligation_key,
        claims.period,
        sum(claims.revenue_amount) as amount,
        count(*) as records
    from {{ ref('int_revenue_line__claims') }} as claims
    inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = claims.agreement_id
    cross join run
    where claims.status = 'posted' and claims.claim_state = 'ok' and claims.period <= run.last_period
    group by
        claims.agreement_id, claims.book, claims.currency,
        coalesce(claims.agreement_line_key, {{ expenses_of('agreement.agreement_number') }}), claims.period

),

movements as (

    select agreement_id, book, currency, obligation_key, period, period_amount as amount, cast(0 as decimal(18, 4)) as booked_amount, 0 as records
    from {{ source('revenue', 'recognition') }}
    cross join run
    where recognition.period <= run.last_period

    union all

    select agreement_id, book, currency, obligation_key, period, 0, amount, records
    from booked

),

months as (

    select
        agreement_id, book, currency, obligation_key, period,
        sum(amount) as period_amount, sum(booked_amount) as booked_period_amount, sum(records) as booked_records
    from movements
    group by agreement_id, book, currency, obligation_key, period

),

totals as (

    select
        months.*,
        sum(period_amount) over (partition by agreement_id, book, currency, obligation_key order by period) as cumulative_amount,
        sum(booked_period_amount) over (partition by agreement_id, book, currency, obligation_key order by period)
            as booked_cumulative_amount
    from months

),

elements as (

    select agreement_id, book, agreement_line_key, sum(allocation_amount) as allocation_amount
    from {{ ref('int_obligation__claims') }}
    where claim_state = 'ok' and not coalesce(is_return, false) and agreement_line_key is not null
    group by agreement_id, book, agreement_line_key

)

select
    totals.agreement_id,
    totals.book,
    agreement.legal_entity_id,
    agreement.customer_id,
    totals.currency,
    totals.obligation_key,
    obligations.obligation_name,
    obligations.method,
    obligations.status,
    totals.period,
    cast(totals.period_amount as decimal(18, 4)) as period_amount,
    cast(case when kept.book is not null then totals.booked_period_amount end as decimal(18, 4)) as booked_period_amount,
    cast(totals.cumulative_amount as decimal(18, 4)) as cumulative_amount,
    cast(case when kept.book is not null then totals.booked_cumulative_amount end as decimal(18, 4)) as booked_cumulative_amount,
    cast(case when kept.book is not null then totals.cumulative_amount - totals.booked_cumulative_amount end as decimal(18, 4))
        as difference_amount,
    obligations.allocated_amount,
    cast(elements.allocation_amount as decimal(18, 4)) as booked_allocated_amount,
    cast(totals.booked_records as bigint) as booked_records,
    totals.period = run.last_period as is_last_period
from totals
cross join run
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = totals.agreement_id
left join {{ source('revenue', 'obligations') }} as obligations
    on obligations.agreement_id = totals.agreement_id
    and obligations.book = totals.book
    and obligations.obligation_key = totals.obligation_key
left join {{ ref('int_ledger__books') }} as kept on kept.book = totals.book
left join elements
    on elements.agreement_id = totals.agreement_id
    and elements.book = totals.book
    and elements.agreement_line_key = totals.obligation_key
