{{ config(tags=['computed'], materialized='view', schema='intermediate') }}

-- What changed in every balance of an agreement from one position to the next, beside where it stood before: differences of the
-- positions, with the parts of revenue and billing that have a name of their own. `previous_period` is the month of the position
-- before: the last month, or an earlier one where a line could not be measured in between.
with positions as (

    select
        positions.*,
        lag(period) over (partition by agreement_id, book order by period) as previous_period,
        {%- for name in ['contract_value', 'billed', 'recognised', 'unbilled_receivable', 'contract_asset', 'contract_liability', 'refund_liability', 'receivable', 'cash', 'backlog', 'tm_reestimate'] %}
        coalesce(lag({{ name }}) over (partition by agreement_id, book order by period), 0) as opening_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source('revenue', 'positions') }} as positions

),

revenue as (

    select
        positions.agreement_id,
        positions.book,
        positions.period,
        sum(recognition.catch_up_amount) as catch_up,
        sum(case when recognition.method in ('as_charged', 'expense') then recognition.period_amount else 0 end) as charged
    from {{ source('revenue', 'recognition') }} as recognition
    {{ join_counting_position('positions', 'recognition') }}
    group by positions.agreement_id, positions.book, positions.period

),

billing as (

    select
        positions.agreement_id,
        positions.book,
        positions.period,
        sum(billed.invoiced_amount) as invoiced,
        sum(billed.invoiced_tax_amount) as invoiced_tax,
        sum(billed.credited_amount) as credited,
        sum(billed.credited_tax_amount) as credited_tax,
        sum(
            case when billed.method in ('as_charged', 'expense') then billed.invoiced_amount - billed.credited_amount else 0 end
        ) as charged_billed,
        sum(billed.cash_amount) as received
    from {{ ref('billing_movements') }} as billed
    {{ join_counting_position('positions', 'billed') }}
    group by positions.agreement_id, positions.book, positions.period

),

signed as (

    select
        positions.agreement_id,
        positions.book,
        positions.period,
        sum(case when evidence.version_no = 1 then evidence.amount else 0 end) as new_amount,
        sum(case when evidence.version_no > 1 and evidence.amount > 0 then evidence.amount else 0 end) as upsell_amount,
        sum(case when evidence.version_no > 1 and evidence.amount < 0 then evidence.amount else 0 end) as reduction_amount
    from {{ ref('evidence') }} as evidence
    {{ join_counting_position('positions', 'evidence') }}
    where
        evidence.kind = 'signed' and evidence.amount <> 0
        and {{ json_value('evidence.attributes', '$.is_signed') }} = 'true'
    group by positions.agreement_id, positions.book, positions.period

),

terminated as (

    select distinct positions.agreement_id, positions.book, positions.period
    from {{ source('revenue', 'decisions') }} as decisions
    {{ join_counting_position('positions', 'decisions') }}
    where decisions.treatment = 'termination'

)

select
    positions.agreement_id,
    positions.book,
    positions.legal_entity_id,
    positions.customer_id,
    positions.currency,
    positions.period,
    positions.previous_period,
    {%- for name in ['contract_value', 'billed', 'recognised', 'unbilled_receivable', 'contract_asset', 'contract_liability', 'refund_liability', 'receivable', 'cash', 'backlog', 'tm_reestimate'] %}
    positions.opening_{{ name }},
    positions.{{ name }} as closing_{{ name }},
    positions.{{ name }} - positions.opening_{{ name }} as {{ name }},
    {%- endfor %}
    coalesce(revenue.catch_up, 0) as catch_up,
    coalesce(revenue.charged, 0) as charged,
    coalesce(billing.charged_billed, 0) as charged_billed,
    coalesce(billing.invoiced, 0) as invoiced,
    coalesce(billing.invoiced_tax, 0) as invoiced_tax,
    coalesce(billing.credited, 0) as credited,
    coalesce(billing.credited_tax, 0) as credited_tax,
    coalesce(billing.received, 0) as received,
    coalesce(signed.new_amount, 0) as new_amount,
    coalesce(signed.upsell_amount, 0) as upsell_amount,
    coalesce(signed.reduction_amount, 0) as reduction_amount,
    terminated.agreement_id is not null as is_terminated
from positions
left join revenue
    on revenue.agreement_id = positions.agreement_id and revenue.book = positions.book and revenue.period = positions.period
left join billing
    on billing.agreement_id = positions.agreement_id and billing.book = positions.book and billing.period = positions.period
left join signed
    on signed.agreement_id = positions.agreement_id and signed.book = positions.book and signed.period = positions.period
left join terminated
    on terminated.agreement_id = positions.agreement_id and terminated.book = positions.book
    and terminated.period = positions.period
