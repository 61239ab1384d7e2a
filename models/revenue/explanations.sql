{{ config(tags=['computed']) }}

-- Why revenue recognised is not what was planned, delivered or billed, and why margin eroded: by agreement, month and cause. The amounts
-- of a difference add up to its first figure less its second one exactly. What no cause carries is a cause of its own, `unexplained`.
with steps as (

    select agreement_id, book, currency, period, difference, cause, sum(amount) as amount
    from {{ ref('difference_steps') }}
    where cause not in ('from', 'to')
    group by agreement_id, book, currency, period, difference, cause

),

run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

billing as (

    -- The bridge leads from billing to revenue as it should be: what it adds, a difference takes away.
    select bridges.agreement_id, bridges.book, bridges.currency, bridges.period, bridges.cause, -bridges.amount as amount
    from {{ ref('bridges') }} as bridges
    cross join run
    inner join {{ ref('int_ledger__books') }} as kept on kept.book = bridges.book
    where bridge = 'billing_to_revenue' and cause not in ('billed', 'recognised') and bridges.period <= run.last_period

),

causes as (

    select agreement_id, book, currency, period, difference, cause, amount from steps
    union all
    select agreement_id, book, currency, period, 'billed', case cause when 'credit' then 'credited' else cause end, amount from billing

),

residuals as (

    select differences.agreement_id, differences.book, differences.currency, differences.period, differences.difference, 'unexplained' as cause,
        differences.amount - coalesce(explained.amount, 0) as amount
    from {{ ref('differences') }} as differences
    left join (
        select agreement_id, book, currency, period, difference, sum(amount) as amount
        from causes
        group by agreement_id, book, currency, period, difference
    ) as explained
        on explained.agreement_id = differences.agreement_id and explained.book = differences.book
        and explained.currency = differences.currency and explained.period = differences.period
        and explained.difference = differences.difference

),

every as (

    select agreement_id, book, currency, period, difference, cause, amount from causes
    union all
    select agreement_id, book, currency, period, difference, cause, amount from residuals

),

recorded as (

    select agreement_id, book, currency, period, cause, min(happened_on) as oldest_on, count(*) as records
    from {{ ref('explanation_records') }}
    group by agreement_id, book, currency, period, cause

)

select
    every.agreement_id,
    every.book,
    agreement.legal_entity_id,
    agreement.customer_id,
    every.currency,
    every.period,
    every.difference,
    case every.difference when 'margin' then 'planned_margin' else every.difference end as from_measure,
    case every.difference when 'margin' then 'billed_margin' else 'recognised' end as to_measure,
    every.cause,
    cast(every.amount as decimal(18, 4)) as amount,
    {{ owner_of_cause('every.cause') }} as owner,
    recorded.oldest_on,
    coalesce(recorded.records, 0) as records
from every
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = every.agreement_id
left join recorded
    on recorded.agreement_id = every.agreement_id and recorded.book = every.book and recorded.currency = every.currency
    and recorded.period = every.period and recorded.cause = every.cause
where every.amount <> 0
