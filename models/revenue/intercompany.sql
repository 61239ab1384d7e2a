-- Work of legal entities for each other, by pair and month: hours and what is due for them, what the performing entity has to receive and
-- the contracting one to pay, in the currency of the rate and as it stands in the books of either. Consolidation takes out both:
-- `eliminated_amount` in the books of the contracting entity, and what does not meet remains as `difference_amount`. Hours without a
-- rate are counted, and worth nothing until a rate is agreed.
with sums as (

    select
        book, performing_entity_id, contracting_entity_id, performing_entity, contracting_entity, period, currency,
        max(receivable_currency) as receivable_currency,
        max(payable_currency) as payable_currency,
        sum(coalesce(hours, 0)) as hours,
        sum(case when not is_booked and hourly_rate is null then hours else 0 end) as unrated_hours,
        {% for side in ['receivable', 'payable'] -%}
        sum(case when not is_booked then coalesce({{ side }}_amount, 0) else 0 end) as due_{{ side }}_amount,
        sum(case when not is_booked then coalesce({{ side }}_functional_amount, 0) else 0 end) as due_{{ side }}_functional_amount,
        sum(case when is_booked then {{ side }}_amount else 0 end) as {{ side }}_amount,
        sum(case when is_booked then {{ side }}_functional_amount else 0 end) as {{ side }}_functional_amount{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('recharges') }}
    group by book, performing_entity_id, contracting_entity_id, performing_entity, contracting_entity, period, currency

)

select
    book,
    performing_entity_id,
    contracting_entity_id,
    performing_entity,
    contracting_entity,
    period,
    currency,
    receivable_currency,
    payable_currency,
    cast(hours as decimal(18, 4)) as hours,
    cast(unrated_hours as decimal(18, 4)) as unrated_hours,
    cast(due_receivable_amount as decimal(18, 4)) as due_amount,
    cast(due_receivable_functional_amount as decimal(18, 4)) as due_receivable_functional_amount,
    cast(due_payable_functional_amount as decimal(18, 4)) as due_payable_functional_amount,
    cast(receivable_amount as decimal(18, 4)) as receivable_amount,
    cast(payable_amount as decimal(18, 4)) as payable_amount,
    cast(receivable_functional_amount as decimal(18, 4)) as receivable_functional_amount,
    cast(payable_functional_amount as decimal(18, 4)) as payable_functional_amount,
    cast(payable_functional_amount as decimal(18, 4)) as eliminated_amount,
    cast(receivable_amount - payable_amount as decimal(18, 4)) as difference_amount
from sums
