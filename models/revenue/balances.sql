{{ config(tags=['computed']) }}

-- The balances of every agreement at each month end, up to the last month whose revenue run is done: as the evidence says they
-- should be, and as the books have them, of books that a ledger keeps. Contract assets and liabilities of the books are set off per
-- agreement first.
with run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

booked as (

    select
        agreement_id, book, currency, period,
        sum(billed_amount) as billed,
        sum(recognised_amount) as recognised,
        sum(unbilled_receivable_amount) as unbilled_receivable,
        sum(contract_asset_amount) as contract_asset,
        sum(contract_liability_amount) as contract_liability,
        sum(refund_liability_amount) as refund_liability
    from {{ ref('int_agreement__positions_by_period') }}
    where agreement_id is not null
    group by agreement_id, book, currency, period

),

both_sides as (

    select agreement_id, book, currency, min(period) as first_period
    from (
        select agreement_id, book, currency, period from {{ source('revenue', 'positions') }}
        union all
        select agreement_id, book, currency, period from booked
    ) as known
    group by agreement_id, book, currency

),

spine as (

    select both_sides.agreement_id, both_sides.book, both_sides.currency, periods.period
    from both_sides
    cross join run
    inner join {{ ref('int_ledger__books') }} as kept on kept.book = both_sides.book
    inner join {{ ref('int_calendar__periods') }} as periods
        on periods.period >= both_sides.first_period and periods.period <= run.last_period

),

joined as (

    select
        spine.agreement_id,
        spine.book,
        spine.currency,
        spine.period,
        positions.contract_value,
        positions.transaction_price,
        {%- for name in ['billed', 'recognised', 'unbilled_receivable', 'contract_asset', 'contract_liability', 'refund_liability'] %}
        coalesce(positions.{{ name }}, 0) as {{ name }},
        sum(coalesce(booked.{{ name }}, 0)) over (
            partition by spine.agreement_id, spine.book, spine.currency order by spine.period
            rows between unbounded preceding and current row
        ) as gross_{{ name }},
        {%- endfor %}
        positions.agreement_id is not null as is_recomputed
    from spine
    left join {{ source('revenue', 'positions') }} as positions
        on positions.agreement_id = spine.agreement_id and positions.book = spine.book
        and positions.currency = spine.currency and positions.period = spine.period
    left join booked
        on booked.agreement_id = spine.agreement_id and booked.book = spine.book
        and booked.currency = spine.currency and booked.period = spine.period

),

netted as (

    select
        joined.*,
        gross_billed as booked_billed,
        gross_recognised as booked_recognised,
        gross_unbilled_receivable as booked_unbilled_receivable,
        greatest(gross_contract_asset - gross_contract_liability, 0) as booked_contract_asset,
        greatest(gross_contract_liability - gross_contract_asset, 0) as booked_contract_liability,
        gross_refund_liability as booked_refund_liability
    from joined

)

select
    netted.agreement_id,
    netted.book,
    agreement.legal_entity_id,
    agreement.customer_id,
    netted.currency,
    netted.period,
    netted.contract_value as contract_value_amount,
    netted.transaction_price as transaction_price_amount,
    {%- for name in ['billed', 'recognised', 'unbilled_receivable', 'contract_asset', 'contract_liability', 'refund_liability'] %}
    cast(netted.{{ name }} as decimal(18, 4)) as {{ name }}_amount,
    cast(netted.booked_{{ name }} as decimal(18, 4)) as booked_{{ name }}_amount,
    cast(netted.{{ name }} - netted.booked_{{ name }} as decimal(18, 4)) as {{ name }}_difference_amount,
    {%- endfor %}
    cast(netted.gross_contract_asset as decimal(18, 4)) as gross_booked_contract_asset_amount,
    cast(netted.gross_contract_liability as decimal(18, 4)) as gross_booked_contract_liability_amount,
    netted.is_recomputed,
    netted.period = run.last_period as is_last_period
from netted
cross join run
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = netted.agreement_id
