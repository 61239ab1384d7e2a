{{ config(tags=['computed'], materialized='view', schema='intermediate') }}

-- What changed in every balance of an agreement in each month, beside where it stood before: differences of the positions, with
-- the parts of revenue and billing that have a name of their own.
with positions as (

    select
        positions.*,
        {%- for name in ['contract_value', 'billed', 'recognised', 'unbilled_receivable', 'contract_asset', 'contract_liability', 'refund_liability', 'receivable', 'cash', 'backlog', 'tm_reestimate'] %}
        coalesce(lag({{ name }}) over (partition by agreement_id, book order by period), 0) as opening_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source('revenue', 'positions') }} as positions

),

revenue as (

    select
        agreement_id,
        book,
        period,
        sum(catch_up_amount) as catch_up,
        sum(case when method in ('as_charged', 'expense') then period_amount else 0 end) as charged
    from {{ source('revenue', 'recognition') }}
    group by agreement_id, book, period

),

billing as (

    select
        agreement_id,
        book,
        period,
        sum(invoiced_amount) as invoiced,
        sum(invoiced_tax_amount) as invoiced_tax,
        sum(credited_amount) as credited,
        sum(credited_tax_amount) as credited_tax,
        sum(case when method in ('as_charged', 'expense') then invoiced_amount - credited_amount else 0 end) as charged_billed,
        sum(cash_amount) as received
    from {{ ref('billing_movements') }}
    group by agreement_id, book, period

),

signed as (

    select
        agreement_id,
        book,
        period,
        sum(case when version_no = 1 then amount else 0 end) as new_amount,
        sum(case when version_no > 1 and amount > 0 then amount else 0 end) as upsell_amount,
        sum(case when version_no > 1 and amount < 0 then amount else 0 end) as reduction_amount
    from {{ ref('evidence') }}
    where kind = 'signed' and amount <> 0 and {{ json_value('attributes', '$.is_signed') }} = 'true'
    group by agreement_id, book, period

),

terminated as (

    select distinct agreement_id, book, period
    from {{ source('revenue', 'decisions') }}
    where treatment = 'termination'

)

select
    positions.agreement_id,
    positions.book,
    positions.legal_entity_id,
    positions.customer_id,
    positions.currency,
    positions.period,
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
