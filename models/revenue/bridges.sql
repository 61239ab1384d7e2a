{{ config(tags=['computed']) }}

-- From one measure to another, by agreement and month, cause by cause; the causes add up. What happened in a month in which an
-- agreement has no position, because a line of it cannot be measured, is in the bridge of the next month that has one.
--
--   billing_to_revenue  billed in the month to revenue of the month (I16): charged work earned before or after it is billed
--                       (tm_lag), fixed prices earned ahead of or behind their milestones (milestone_timing), services billed for
--                       a term (advance_billing), credits that correct a document only (credit), invoices not due yet (not_due)
--   rpo_to_backlog      remaining performance obligations to backlog: what exemptions leave out (T&M under a right to invoice,
--                       terms of a year or less), estimates the constraint holds back, expected concessions, what the customer may
--                       cancel, and price of a bundle that lay on a part of it that has ended
with moves as (

    select * from {{ ref('position_movements') }}

),

billed as (

    select
        moves.agreement_id, moves.book, moves.period, billed.method,
        billed.invoiced_amount, billed.credited_amount, billed.price_credit_amount
    from {{ ref('billing_movements') }} as billed
    {{ join_counting_position('moves', 'billed') }}

),

both_sides as (

    select
        moves.agreement_id, moves.book, moves.period, recognition.method, recognition.period_amount as amount,
        cast(0 as decimal(18, 4)) as invoiced, cast(0 as decimal(18, 4)) as price_credit
    from {{ source('revenue', 'recognition') }} as recognition
    {{ join_counting_position('moves', 'recognition') }}
    union all
    select agreement_id, book, period, method, 0, invoiced_amount, price_credit_amount
    from billed

),

by_cause as (

    select
        agreement_id,
        book,
        period,
        {{ billing_cause_of('method') }} as cause,
        sum(amount + price_credit - invoiced) as amount
    from both_sides
    group by 1, 2, 3, 4

),

corrections as (

    select
        agreement_id, book, period,
        sum(credited_amount - price_credit_amount) as credit,
        sum(invoiced_amount - credited_amount) as documents
    from billed
    group by agreement_id, book, period

),

lines as (

    select moves.agreement_id, moves.book, moves.period, 'billing_to_revenue' as bridge, 1 as place, 'billed' as cause, moves.billed as amount
    from moves
    union all
    select agreement_id, book, period, 'billing_to_revenue', 2, cause, amount from by_cause
    union all
    select agreement_id, book, period, 'billing_to_revenue', 3, 'credit', credit from corrections
    union all
    select moves.agreement_id, moves.book, moves.period, 'billing_to_revenue', 4, 'not_due', coalesce(corrections.documents, 0) - moves.billed
    from moves
    left join corrections
        on corrections.agreement_id = moves.agreement_id and corrections.book = moves.book and corrections.period = moves.period
    union all
    select moves.agreement_id, moves.book, moves.period, 'billing_to_revenue', 5, 'recognised', moves.recognised
    from moves
    union all
    select agreement_id, book, period, 'rpo_to_backlog', 1, 'rpo', rpo from {{ source('revenue', 'positions') }}
    union all
    {% for cause, amount in [
        ('right_to_invoice', 'exempt_right_to_invoice'), ('one_year', 'exempt_one_year'), ('constrained', 'constrained_estimates'),
        ('concessions', 'expected_concessions'), ('cancellable', 'cancellable_value'), ('reallocated', 'reallocated_price'),
    ] -%}
    select agreement_id, book, period, 'rpo_to_backlog', {{ loop.index + 1 }}, '{{ cause }}', {{ amount }} from {{ source('revenue', 'positions') }}
    union all
    {% endfor -%}
    select agreement_id, book, period, 'rpo_to_backlog', 8, 'backlog', backlog from {{ source('revenue', 'positions') }}

)

select
    lines.agreement_id,
    lines.book,
    agreement.legal_entity_id,
    agreement.customer_id,
    agreement.currency,
    lines.period,
    lines.bridge,
    lines.place,
    lines.cause,
    cast(lines.amount as decimal(18, 4)) as amount
from lines
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = lines.agreement_id
where lines.amount <> 0
