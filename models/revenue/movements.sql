{{ config(tags=['computed']) }}

-- Roll-forwards of the balances, by agreement and month: opening, every cause, closing; opening and causes add up to closing. A
-- balance that is zero at both ends of a month has no rows, receivables and backlog excepted; nor has a cause of zero.
--
--   contract_liability   billed and credited, revenue released, catch-ups, what moved to or from unbilled receivables, contract
--                        assets and refund liabilities (I6)
--   contract_asset       the same seen from the other side (I7)
--   unbilled_receivable  charged work earned and billed, what was billed ahead (I7)
--   receivable           invoices and credit memos with tax, cash, advances that are not due (I9)
--   backlog              new, upsell, reduction, cancellation, revenue, re-estimate of charged work (I8)
with moves as (

    select * from {{ ref('position_movements') }}

),

{%- set rolls = {
    'contract_liability': [
        ('opening', 'opening_contract_liability', 1), ('billed', 'billed + credited', 2), ('credited', '-credited', 3),
        ('released', '-(recognised - catch_up)', 4), ('catch_up', '-catch_up', 5),
        ('unbilled_receivable', 'unbilled_receivable', 6), ('netted_with_contract_asset', 'contract_asset', 7),
        ('refund_liability', '-refund_liability', 8), ('closing', 'closing_contract_liability', 9),
    ],
    'contract_asset': [
        ('opening', 'opening_contract_asset', 1), ('recognised', 'recognised - catch_up', 2), ('catch_up', 'catch_up', 3),
        ('billed', '-(billed + credited)', 4), ('credited', 'credited', 5),
        ('unbilled_receivable', '-unbilled_receivable', 6), ('netted_with_contract_liability', 'contract_liability', 7),
        ('refund_liability', 'refund_liability', 8), ('closing', 'closing_contract_asset', 9),
    ],
    'unbilled_receivable': [
        ('opening', 'opening_unbilled_receivable', 1), ('recognised', 'charged', 2), ('billed', '-charged_billed', 3),
        ('billed_ahead', 'unbilled_receivable - charged + charged_billed', 4),
        ('closing', 'closing_unbilled_receivable', 5),
    ],
    'receivable': [
        ('opening', 'opening_receivable', 1), ('invoiced', 'invoiced + invoiced_tax', 2),
        ('credited', '-(credited + credited_tax)', 3), ('cash', '-received', 4),
        ('not_due', 'receivable - invoiced - invoiced_tax + credited + credited_tax + received', 5),
        ('closing', 'closing_receivable', 6),
    ],
    'backlog': [
        ('opening', 'opening_backlog', 1), ('new', 'new_amount', 2), ('upsell', 'upsell_amount', 3),
        ('reduction', 'reduction_amount', 4),
        ('cancellation', 'case when is_terminated then backlog - new_amount - upsell_amount - reduction_amount + recognised + tm_reestimate else 0 end', 5),
        ('revenue', '-recognised', 6), ('re_estimate', '-tm_reestimate', 7),
        ('price_given_up', 'case when is_terminated then 0 else backlog - new_amount - upsell_amount - reduction_amount + recognised + tm_reestimate end', 8),
        ('closing', 'closing_backlog', 9),
    ],
} %}

listed as (

    {%- for roll, causes in rolls.items() %}
    {%- set roll_loop = loop %}
    {%- for cause, expression, place in causes %}
    select
        agreement_id, book, legal_entity_id, customer_id, currency, period,
        '{{ roll }}' as roll_forward, {{ place }} as place, '{{ cause }}' as cause, cast({{ expression }} as decimal(18, 4)) as amount
    from moves
    where {{ expression }} <> 0
    {%- if roll in ['contract_liability', 'contract_asset', 'unbilled_receivable'] %} and (opening_{{ roll }} <> 0 or closing_{{ roll }} <> 0){% endif %}
    {{ 'union all' if not (loop.last and roll_loop.last) }}
    {%- endfor %}
    {%- endfor %}

)

select agreement_id, book, legal_entity_id, customer_id, currency, period, roll_forward, place, cause, amount
from listed
