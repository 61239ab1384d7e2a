{{ config(materialized='table') }}

-- The balances of each agreement at the last month with a revenue run, in document currency, each in its natural direction, and what
-- they should be: unbilled and deferred as invoices and schedules say, and the balances after setting off contract asset
-- against contract liability (unbilled receivable stays apart). Setting off never changes their sum. Two views: with what
-- was posted since to correct them, and (run_..) as they were then. What is wrong is wrong in both: a correction of the
-- open month mends the first; what its own revenue run will reclassify because of corrections is the pending adjustment.
-- What billing put on deferred revenue without an obligation (loose) is put right where it was billed: setting off leaves
-- it alone. What lines of an obligation left there that nobody charged (uncharged) is what invoices and schedules say of it.
with lines as (

    select
        connection, agreement_id, currency, customer_id, legal_entity_id, last_recognised_period, posted_on,
        is_at_run, is_corrected,
        case when account_role = 'UR' then document_amount else 0 end as receivable,
        case when account_role = 'CA' then document_amount else 0 end as asset,
        case when account_role = 'CL' then -document_amount else 0 end as liability,
        account_role = 'CL' as is_liability
    from {{ ref('int_ledger__balance_lines') }}
    where agreement_id is not null and (is_at_run or is_corrected)

),

returns as (

    select connection, agreement_id, currency, sum(returned_amount) as returned_amount
    from {{ ref('int_agreement__planned_returns') }}
    group by connection, agreement_id, currency

),

summed as (

    select
        connection,
        agreement_id,
        currency,
        max(customer_id) as customer_id,
        max(legal_entity_id) as legal_entity_id,
        max(last_recognised_period) as last_recognised_period,
        sum(case when is_corrected then receivable else 0 end) as unbilled_receivable_amount,
        sum(case when is_corrected then asset else 0 end) as contract_asset_amount,
        sum(case when is_corrected then liability else 0 end) as contract_liability_amount,
        sum(case when is_at_run then receivable else 0 end) as run_receivable_amount,
        sum(case when is_at_run then asset else 0 end) as run_asset_amount,
        sum(case when is_at_run then liability else 0 end) as run_liability_amount,
        max(case when is_liability then posted_on end) as liability_moved_on
    from lines
    group by connection, agreement_id, currency

),

loose as (

    select
        connection,
        agreement_id,
        currency,
        sum(case when is_corrected then liability_amount else 0 end) as loose_amount,
        sum(case when is_at_run then liability_amount else 0 end) as run_loose_amount
    from {{ ref('int_billing__loose_lines') }}
    group by connection, agreement_id, currency

),

balances as (

    select
        summed.* replace (
            summed.contract_liability_amount + coalesce(returns.returned_amount, 0) as contract_liability_amount
        ),
        coalesce(loose.loose_amount, 0) as loose_amount,
        coalesce(loose.run_loose_amount, 0) as run_loose_amount
    from summed
    left join loose
        on loose.connection = summed.connection
        and loose.agreement_id = summed.agreement_id
        and loose.currency = summed.currency
    left join returns
        on returns.connection = summed.connection
        and returns.agreement_id = summed.agreement_id
        and returns.currency = summed.currency

),

gaps as (

    select
        connection,
        agreement_id,
        currency,
        sum(case when is_time_only and not is_at_run then unbilled_amount else 0 end) as expected_receivable_amount,
        sum(case when is_time_only or is_at_run then 0 else unbilled_amount end) as expected_asset_amount,
        sum(case when is_at_run then 0 else deferred_amount end) as expected_liability_amount,
        sum(case when is_time_only and not is_at_run then deferred_amount else 0 end) as deferred_time_amount,
        greatest(sum(case when is_at_run then -unbilled_amount else unbilled_amount end), 0) as pending_adjustment_amount,
        sum(case when is_time_only and is_at_run then unbilled_amount else 0 end) as run_expected_receivable_amount,
        sum(case when is_time_only or not is_at_run then 0 else unbilled_amount end) as run_expected_asset_amount,
        sum(case when is_time_only and is_at_run then deferred_amount else 0 end) as run_deferred_time_amount,
        sum(case when is_at_run then 0 else uncharged_deferred_amount end) as uncharged_amount,
        sum(case when is_at_run then uncharged_deferred_amount else 0 end) as run_uncharged_amount
    from {{ ref('int_agreement__billing_gaps') }}
    group by connection, agreement_id, currency

),

obligations as (

    select
        connection,
        agreement_id,
        currency,
        min(start_on) as starts_on,
        max(end_on) as ends_on,
        count(*) as obligation_count,
        min(legal_entity_ref) as subsidiary_ref,
        min(exchange_rate) as exchange_rate
    from {{ ref('int_obligation__claims') }}
    where claim_state = 'ok' and book = 'primary' and not is_return and agreement_id is not null
    group by connection, agreement_id, currency

),

planned as (

    select lines.connection, lines.agreement_id, lines.currency, sum(lines.revenue_amount) as planned_amount
    from {{ ref('int_revenue_line__claims') }} as lines
    inner join {{ ref('int_accounting_period__now') }} as now on now.connection = lines.connection
    where
        lines.status = 'planned' and lines.claim_state = 'ok' and lines.book = 'primary'
        and lines.period <= coalesce(now.open_period, now.last_recognised_period) and lines.method <> 'as_charged' and not lines.is_return
    group by lines.connection, lines.agreement_id, lines.currency

),

schedules as (

    select
        connection, agreement_id, currency, obligation_ref, plan_ref, obligation_name, agreement_line_key,
        sum(case when is_line then 0 else scheduled_amount end) as allocated_amount,
        sum(case when is_line then scheduled_amount else 0 end) as scheduled_amount
    from {{ ref('int_obligation__scheduled') }}
    where agreement_id is not null
    group by connection, agreement_id, currency, obligation_ref, plan_ref, obligation_name, agreement_line_key

),

shortest as (

    select *
    from schedules
    where scheduled_amount < allocated_amount
    qualify
        row_number() over (
            partition by connection, agreement_id, currency order by allocated_amount - scheduled_amount desc, obligation_ref
        ) = 1

),

arrangements as (

    select connection, agreement_id, min(source_id) as arrangement_ref, min(row_id) as row_id
    from {{ ref('int_agreement__claims') }}
    where role = 'REVREC' and claim_state = 'ok' and agreement_id is not null
    group by connection, agreement_id

),

joined as (

    select
        balances.*,
        coalesce(gaps.expected_receivable_amount, 0) as expected_receivable_amount,
        coalesce(gaps.expected_asset_amount, 0) as expected_asset_amount,
        coalesce(gaps.expected_liability_amount, 0) as expected_liability_amount,
        coalesce(gaps.deferred_time_amount, 0) as deferred_time_amount,
        coalesce(gaps.pending_adjustment_amount, 0) as pending_adjustment_amount,
        coalesce(gaps.run_expected_receivable_amount, 0) as run_expected_receivable_amount,
        coalesce(gaps.run_expected_asset_amount, 0) as run_expected_asset_amount,
        coalesce(gaps.run_deferred_time_amount, 0) as run_deferred_time_amount,
        coalesce(gaps.uncharged_amount, 0) as uncharged_amount,
        coalesce(gaps.run_uncharged_amount, 0) as run_uncharged_amount,
        coalesce(planned.planned_amount, 0) as planned_amount,
        unbilled_receivable_amount + contract_asset_amount - contract_liability_amount + loose_amount as net_amount
    from balances
    left join gaps
        on gaps.connection = balances.connection
        and gaps.agreement_id = balances.agreement_id
        and gaps.currency = balances.currency
    left join planned
        on planned.connection = balances.connection
        and planned.agreement_id = balances.agreement_id
        and planned.currency = balances.currency

),

netted as (

    select
        joined.*,
        case
            when net_amount = expected_receivable_amount + expected_asset_amount - expected_liability_amount
                then expected_receivable_amount
            else greatest(unbilled_receivable_amount, 0)
        end as netted_receivable_amount
    from joined

)

select
    netted.connection, 'ERP' as role, 'revenuearrangement' as object, arrangements.arrangement_ref as source_id,
    arrangements.row_id, 'primary' as book,
    netted.agreement_id, netted.customer_id, netted.legal_entity_id, netted.currency, netted.last_recognised_period,
    cast(netted.unbilled_receivable_amount as decimal(18, 4)) as unbilled_receivable_amount,
    cast(netted.contract_asset_amount as decimal(18, 4)) as contract_asset_amount,
    cast(netted.contract_liability_amount as decimal(18, 4)) as contract_liability_amount,
    cast(netted.run_receivable_amount as decimal(18, 4)) as run_receivable_amount,
    cast(netted.run_asset_amount as decimal(18, 4)) as run_asset_amount,
    cast(netted.run_liability_amount as decimal(18, 4)) as run_liability_amount,
    cast(netted.run_expected_receivable_amount as decimal(18, 4)) as run_expected_receivable_amount,
    cast(netted.run_expected_asset_amount as decimal(18, 4)) as run_expected_asset_amount,
    cast(netted.expected_receivable_amount as decimal(18, 4)) as expected_receivable_amount,
    cast(netted.expected_asset_amount as decimal(18, 4)) as expected_asset_amount,
    cast(netted.expected_liability_amount as decimal(18, 4)) as expected_liability_amount,
    cast(netted.netted_receivable_amount as decimal(18, 4)) as netted_receivable_amount,
    cast(greatest(netted.net_amount - netted.netted_receivable_amount, 0) as decimal(18, 4)) as netted_asset_amount,
    cast(
        greatest(netted.netted_receivable_amount - netted.net_amount, 0) + netted.loose_amount as decimal(18, 4)
    ) as netted_liability_amount,
    cast(netted.loose_amount as decimal(18, 4)) as loose_amount,
    cast(netted.run_loose_amount as decimal(18, 4)) as run_loose_amount,
    cast(netted.uncharged_amount as decimal(18, 4)) as uncharged_amount,
    cast(netted.run_uncharged_amount as decimal(18, 4)) as run_uncharged_amount,
    cast(netted.deferred_time_amount as decimal(18, 4)) as deferred_time_amount,
    cast(netted.pending_adjustment_amount as decimal(18, 4)) as pending_adjustment_amount,
    cast(netted.run_deferred_time_amount as decimal(18, 4)) as run_deferred_time_amount,
    cast(netted.planned_amount as decimal(18, 4)) as planned_amount,
    netted.liability_moved_on,
    obligations.starts_on, obligations.ends_on, obligations.obligation_count,
    arrangements.arrangement_ref, obligations.subsidiary_ref, obligations.exchange_rate, currencies.currency_id as currency_ref,
    shortest.obligation_ref as short_obligation_ref, shortest.plan_ref as short_plan_ref,
    shortest.agreement_line_key as short_line_key,
    cast(shortest.allocated_amount as decimal(18, 4)) as short_allocated_amount,
    cast(shortest.scheduled_amount as decimal(18, 4)) as short_scheduled_amount
from netted
left join obligations
    on obligations.connection = netted.connection
    and obligations.agreement_id = netted.agreement_id
    and obligations.currency = netted.currency
left join arrangements on arrangements.connection = netted.connection and arrangements.agreement_id = netted.agreement_id
left join shortest
    on shortest.connection = netted.connection
    and shortest.agreement_id = netted.agreement_id
    and shortest.currency = netted.currency
left join {{ ref('int_currency__ids') }} as currencies
    on currencies.connection = netted.connection and currencies.currency = netted.currency
