{{ config(materialized='table') }}

-- What is at stake with each customer: the signed value of its open agreements, what of it is still to be billed, and what
-- it owes. An agreement belongs to the customer the CRM names and to the one its order in the ERP names; an invoice to the
-- customer it is addressed to. Money is in the customer's one currency; where there are several, in base currency at the
-- latest rate. A customer is one since it signed for the first time, also where that agreement has ended.
with signed_agreements as (

    select
        agreement_id,
        customer_id,
        currency,
        value_amount,
        cast(signed_at as date) as signed_on,
        state in ('signed', 'active') as is_open
    from {{ ref('int_agreement__claims') }}
    where role = 'CRM' and claim_state = 'ok' and state <> 'draft' and agreement_id is not null

),

open_agreements as (

    select agreement_id, customer_id, currency, value_amount
    from signed_agreements
    where is_open

),

first_signatures as (

    select customer_id, min(signed_on) as signed_on
    from signed_agreements
    where customer_id is not null
    group by customer_id

),

holders as (

    select agreement_id, customer_id, true as is_signed_by
    from open_agreements
    where customer_id is not null

    union

    select orders.agreement_id, orders.customer_id, false as is_signed_by
    from {{ ref('int_agreement__claims') }} as orders
    inner join open_agreements on open_agreements.agreement_id = orders.agreement_id
    where
        orders.role = 'ERP'
        and orders.claim_state = 'ok'
        and orders.customer_id is not null
        and orders.customer_id <> coalesce(open_agreements.customer_id, '')

),

billed as (

    select agreement_id, currency, sum(billed_amount) as billed_amount
    from {{ ref('int_agreement__positions') }}
    group by agreement_id, currency

),

amounts as (

    select
        holders.customer_id,
        agreement.currency,
        case when holders.is_signed_by then 1 else 0 end as agreements,
        case when holders.is_signed_by then coalesce(agreement.value_amount, 0) else 0 end as signed_amount,
        coalesce(agreement.value_amount, 0) - coalesce(billed.billed_amount, 0) as backlog_amount,
        0 as receivable_amount
    from holders
    inner join open_agreements as agreement on agreement.agreement_id = holders.agreement_id
    left join billed on billed.agreement_id = agreement.agreement_id and billed.currency = agreement.currency

    union all

    select
        customer_id,
        currency,
        0 as agreements,
        0 as signed_amount,
        0 as backlog_amount,
        coalesce(unpaid_amount, 0) as receivable_amount
    from {{ ref('int_invoice__claims') }}
    where
        role = 'ERP'
        and kind = 'invoice'
        and claim_state = 'ok'
        and is_posted
        and not coalesce(is_cancelled, false)
        and customer_id is not null

),

currencies as (

    select
        customer_id,
        case when count(distinct currency) > 1 then '{{ var("base_currency") }}' else max(currency) end as currency
    from amounts
    group by customer_id

),

rates as (

    select from_currency, max_by(exchange_rate, effective_on) as exchange_rate
    from {{ ref('int_exchange_rate__claims') }}
    where role = 'ERP' and claim_state = 'ok' and to_currency = '{{ var("base_currency") }}' and effective_on <= {{ as_of() }}
    group by from_currency

),

converted as (

    select
        amounts.customer_id,
        currencies.currency,
        amounts.agreements,
        amounts.signed_amount,
        amounts.backlog_amount,
        amounts.receivable_amount,
        case when amounts.currency = currencies.currency then 1 else rates.exchange_rate end as exchange_rate
    from amounts
    inner join currencies on currencies.customer_id = amounts.customer_id
    left join rates on rates.from_currency = amounts.currency

)

select
    converted.customer_id,
    converted.currency,
    first_signatures.signed_on,
    cast(sum(agreements) as bigint) as agreement_count,
    cast(sum({{ to_minor_unit(widened('signed_amount') ~ ' * exchange_rate', 'currency') }}) as decimal(18, 4)) as signed_amount,
    cast(sum({{ to_minor_unit(widened('backlog_amount') ~ ' * exchange_rate', 'currency') }}) as decimal(18, 4)) as backlog_amount,
    cast(sum({{ to_minor_unit(widened('receivable_amount') ~ ' * exchange_rate', 'currency') }}) as decimal(18, 4)) as receivable_amount,
    cast(sum({{ to_minor_unit(widened('(backlog_amount + receivable_amount)') ~ ' * exchange_rate', 'currency') }}) as decimal(18, 4))
        as exposure_amount
from converted
left join first_signatures on first_signatures.customer_id = converted.customer_id
group by converted.customer_id, converted.currency, first_signatures.signed_on
