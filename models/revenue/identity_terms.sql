{{ config(tags=['computed'], materialized='view', schema='intermediate') }}

-- Both sides of every identity, by agreement and month: `recomputed` holds by construction
-- and proves the computation, `books` holds when the books are right.
with positions as (

    select
        positions.*,
        {%- for name in ['billed', 'recognised', 'unbilled_receivable', 'contract_asset', 'contract_liability', 'refund_liability'] %}
        {{ name }} - coalesce(lag({{ name }}) over (partition by agreement_id, book order by period), 0) as moved_{{ name }},
        {%- endfor %}
        row_number() over (partition by agreement_id, book order by period desc) as recency
    from {{ source('revenue', 'positions') }} as positions

),

earned as (

    select
        agreement_id, book, period, obligation_key, cumulative_amount,
        sum(period_amount) over (partition by agreement_id, book, obligation_key order by period) as summed_amount
    from {{ source('revenue', 'recognition') }}

),

priced as (

    select agreement_id, book, period, sum(price_amount) as allocated_amount
    from {{ source('revenue', 'recognition') }}
    group by agreement_id, book, period

),

rolled as (

    select
        agreement_id, book, period, roll_forward,
        sum(case when cause <> 'closing' then amount else 0 end) as summed_amount,
        sum(case when cause = 'closing' then amount else 0 end) as closing_amount
    from {{ ref('movements') }}
    group by agreement_id, book, period, roll_forward

),

bridged as (

    select
        agreement_id, book, period, bridge,
        sum(case when cause not in ('recognised', 'backlog') then amount else 0 end) as summed_amount,
        sum(case when cause in ('recognised', 'backlog') then amount else 0 end) as target_amount
    from {{ ref('bridges') }}
    group by agreement_id, book, period, bridge

),

unpaid as (

    select agreement_id, sum(case when kind = 'credit' then -unpaid_amount else unpaid_amount end) as amount
    from {{ ref('int_invoice__claims') }}
    where role = 'ERP' and claim_state = 'ok' and is_posted and not coalesce(is_cancelled, false) and agreement_id is not null
    group by agreement_id

),

-- Time that is charged, once finance has it: its value at the contract rate, and what stands to be billed or was.
charged as (

    select agreement_id, sum(approved_amount) as approved_amount, sum(charged_amount) as charged_amount
    from (
        select agreement_id, amount as approved_amount, 0 as charged_amount
        from {{ ref('time_months') }}
        where line_billing_type = 'tm' and is_billable and is_in_finance and state = 'approved' and not is_adjustment

        union all

        select agreement_id, 0, charged_amount
        from {{ ref('int_time_entry__posted') }}
        where kind = 'actual' and claim_state = 'ok' and charged_amount is not null and agreement_id is not null
    ) as both_sides
    group by agreement_id

),

-- Cost of the time on lines that have an estimate at completion, each line rounded once.
estimated as (

    select
        lines.agreement_id,
        lines.observed_in as period,
        sum(lines.completion_cost_amount) as completion_amount,
        sum(lines.cost_to_complete_amount) as remaining_amount,
        sum(spent.amount) as spent_amount
    from {{ ref('line_estimates') }} as lines
    left join (
        select agreement_id, obligation_key, {{ to_minor_unit('sum(cost_amount)', 'cost_currency') }} as amount
        from {{ ref('time_months') }}
        where not is_adjustment
        group by agreement_id, obligation_key, cost_currency
    ) as spent on spent.agreement_id = lines.agreement_id and spent.obligation_key = lines.agreement_line_key
    where lines.completion_cost_amount is not null
    group by lines.agreement_id, lines.observed_in

),

sides as (

    select agreement_id, book, period, 'I1' as identity, 'recomputed' as of_what,
        'transaction price = recognised + remaining price' as statement,
        transaction_price as left_amount, recognised + rpo + rpo_exempt as right_amount
    from positions

    union all

    select positions.agreement_id, positions.book, positions.period, 'I1', 'recomputed',
        'transaction price = what is allocated to the obligations', positions.transaction_price, coalesce(priced.allocated_amount, 0)
    from positions
    left join priced
        on priced.agreement_id = positions.agreement_id and priced.book = positions.book and priced.period = positions.period

    union all

    select agreement_id, book, period, 'I2', 'recomputed', 'contract value = transaction price + constrained estimates + expected concessions + cancellable value',
        contract_value, transaction_price + constrained_estimates + expected_concessions + cancellable_value + reallocated_price
    from positions

    union all

    select agreement_id, book, period, 'I3', 'recomputed',
        'billed + unbilled receivable - recognised = contract liability - contract asset + refund liability',
        billed + unbilled_receivable - recognised, contract_liability - contract_asset + refund_liability
    from positions

    union all

    select agreement_id, book, period, 'I4', 'recomputed', 'contract asset and contract liability never stand side by side',
        least(contract_asset, contract_liability), 0
    from positions

    union all

    select agreement_id, book, period, 'I5', 'recomputed', 'remaining price = (transaction price - billed) + (billed - recognised)',
        rpo + rpo_exempt, (transaction_price - billed) + (billed - recognised)
    from positions

    union all

    select agreement_id, book, period,
        case roll_forward
            when 'contract_liability' then 'I6' when 'backlog' then 'I8' when 'receivable' then 'I9' else 'I7'
        end,
        'recomputed', concat(roll_forward, ': opening + causes = closing'), summed_amount, closing_amount
    from rolled

    union all

    select agreement_id, book, period, 'I16', 'recomputed',
        'change of (contract liability - contract asset + refund liability - unbilled receivable) = billed - recognised of the month',
        moved_contract_liability - moved_contract_asset + moved_refund_liability - moved_unbilled_receivable,
        moved_billed - moved_recognised
    from positions

    union all

    select agreement_id, book, period, 'I16', 'recomputed', concat(bridge, ': causes add up'), summed_amount, target_amount
    from bridged

    union all

    select agreement_id, book, period, 'I17', 'recomputed', 'revenue of the months adds up to revenue to date', summed_amount, cumulative_amount
    from earned

    union all

    select balances.agreement_id, balances.book, balances.period, 'I3', 'books',
        'billed + unbilled receivable - recognised = contract liability - contract asset + refund liability',
        booked_billed_amount + booked_unbilled_receivable_amount - booked_recognised_amount,
        booked_contract_liability_amount - booked_contract_asset_amount + booked_refund_liability_amount
    from {{ ref('balances') }} as balances

    union all

    select positions.agreement_id, positions.book, positions.period, 'I9', 'books', 'receivable = what is unpaid on invoices',
        positions.receivable, coalesce(unpaid.amount, 0)
    from positions
    left join unpaid on unpaid.agreement_id = positions.agreement_id
    where positions.recency = 1

    union all

    select positions.agreement_id, positions.book, positions.period, 'I10', 'books',
        'approved time at the contract rate = charges billed, to be billed and written off',
        charged.approved_amount, charged.charged_amount
    from positions
    inner join charged on charged.agreement_id = positions.agreement_id
    where positions.recency = 1

    union all

    select agreement_id, 'primary', period, 'I11', 'recomputed',
        'cost at completion = cost of the work so far + cost of what is left to do', completion_amount, coalesce(spent_amount, 0) + remaining_amount
    from estimated

    union all

    select invoices.agreement_id, 'primary', invoices.period, 'I12', 'books', 'invoice gross = net + tax',
        sum(invoices.gross_amount), sum(invoices.net_amount + invoices.tax_amount)
    from {{ ref('int_invoice__claims') }} as invoices
    where invoices.role = 'ERP' and invoices.claim_state = 'ok' and invoices.is_posted and invoices.agreement_id is not null
    group by invoices.agreement_id, invoices.period

)

select
    sides.agreement_id,
    sides.book,
    agreement.legal_entity_id,
    agreement.currency,
    sides.period,
    sides.identity,
    sides.of_what,
    sides.statement,
    cast(sides.left_amount as decimal(18, 4)) as left_amount,
    cast(sides.right_amount as decimal(18, 4)) as right_amount,
    cast(sides.left_amount - sides.right_amount as decimal(18, 4)) as residual_amount
from sides
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = sides.agreement_id
