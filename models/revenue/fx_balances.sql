{{ config(materialized='table', schema='intermediate') }}
{%- set choices = var('contract_asset_fx', {}) %}

-- Balances in another currency than that of the company's books, at the end of the last month with a revenue run: what the books
-- have for each (side 'ledger') and what policy says it is worth there (side 'policy'). Receivables per customer, unbilled
-- receivables and contract assets per agreement at the rate of the month's end; deferred revenue per agreement at the rates of
-- its layers. Asked (`is_asked`) where the balance itself, in its own currency, is what documents and schedules say: where not,
-- the checks of balances say so. A contract asset is asked where policy says that it is money (`contract_asset_fx`).
with counted as (

    select * from {{ ref('fx_lines') }}

),

by_currency as (

    select
        counted.connection, counted.balance_key, counted.legal_entity_id, counted.currency, counted.functional_currency,
        counted.last_recognised_period,
        sum(counted.document_amount) as document_amount
    from counted
    where not counted.is_value_only
    group by
        counted.connection, counted.balance_key, counted.legal_entity_id, counted.currency, counted.functional_currency,
        counted.last_recognised_period

),

worth as (

    select
        by_currency.connection, by_currency.balance_key, by_currency.legal_entity_id,
        sum(by_currency.document_amount) as document_amount,
        string_agg(by_currency.currency, ', ' order by by_currency.currency) as document_currency,
        sum({{ to_minor_unit(
            widened('by_currency.document_amount') ~ ' * coalesce(rates.exchange_rate, 0)', 'by_currency.functional_currency'
        ) }}) as worth_amount,
        max(rates.exchange_rate) as exchange_rate,
        count(rates.exchange_rate) = count(*) as is_rated
    from by_currency
    left join {{ ref('int_exchange_rate__closing') }} as rates
        on rates.from_currency = by_currency.currency
        and rates.to_currency = by_currency.functional_currency
        and rates.period = by_currency.last_recognised_period
    where by_currency.document_amount <> 0
    group by by_currency.connection, by_currency.balance_key, by_currency.legal_entity_id

),

documents as (

    select
        connection, agreement_id, legal_entity_id,
        sum(case when is_time_only then unbilled_amount else 0 end) as receivable_amount,
        sum(case when is_time_only then 0 else unbilled_amount end) as asset_amount,
        sum(deferred_amount) as deferred_amount
    from {{ ref('int_agreement__billing_gaps') }}
    where is_at_run
    group by connection, agreement_id, legal_entity_id

),

layered as (

    select
        connection, agreement_id, legal_entity_id,
        sum(functional_amount) as functional_amount,
        count(case when open_amount > 0 then 1 end) as layer_count,
        min(case when is_complete then 1 else 0 end) = 1 as is_complete
    from {{ ref('fx_layers') }}
    group by connection, agreement_id, legal_entity_id

),

held as (

    select
        connection, balance_key, legal_entity_id, account_role, functional_currency, last_recognised_period,
        min(account_number) as account_number,
        max(case when account_role <> 'AR' then agreement_id end) as agreement_id,
        max(case when account_role <> 'AR' then agreement_number end) as agreement_number,
        max(case when account_role = 'AR' then customer_id end) as customer_id,
        max(case when account_role = 'AR' then entity_id end) as customer_ref,
        max(case when account_role <> 'AR' then arrangement_ref end) as arrangement_ref,
        max(subsidiary_id) as subsidiary_ref,
        sum(amount) as held_amount,
        max_by(source_id, concat(cast(posted_on as string), case when is_value_only then '0' else '1' end, source_id)) as source_id,
        max_by(row_id, concat(cast(posted_on as string), case when is_value_only then '0' else '1' end, source_id)) as row_id,
        max_by(object, concat(cast(posted_on as string), case when is_value_only then '0' else '1' end, source_id)) as object
    from counted
    group by connection, balance_key, legal_entity_id, account_role, functional_currency, last_recognised_period

),

-- Deferred revenue whose journals were reversed after the month: it is wrong only where it is wrong with that too. A
-- revaluation, which moves nothing in its own currency, reverses by itself and mends nothing by that.
undone as (

    select lines.connection, lines.agreement_id, lines.legal_entity_id, sum(claims.amount) as undone_amount
    from {{ ref('int_ledger__balance_lines') }} as lines
    inner join {{ ref('int_journal_line__claims') }} as claims
        on claims.connection = lines.connection and claims.source_id = lines.source_id and claims.role = lines.role
    where
        lines.account_role = 'CL' and not lines.is_at_run and lines.document_amount <> 0
        and lines.event_ref <> lines.document_ref and lines.event_period <= lines.last_recognised_period
    group by lines.connection, lines.agreement_id, lines.legal_entity_id

),

judged as (

    select
        held.*,
        case when held.account_role = 'CL' then coalesce(undone.undone_amount, 0) else 0 end as undone_amount,
        coalesce(worth.document_amount, 0) as document_amount,
        coalesce(worth.document_currency, held.functional_currency) as document_currency,
        coalesce(worth.is_rated, true) or held.account_role = 'CL' as is_rated,
        worth.exchange_rate,
        coalesce(layered.layer_count, 0) as layer_count,
        case
            when held.account_role = 'CL' then -coalesce(layered.functional_amount, 0)
            else coalesce(worth.worth_amount, 0)
        end as policy_amount,
        case held.account_role
            when 'AR' then true
            when 'UR' then coalesce(worth.document_amount, 0) = coalesce(documents.receivable_amount, 0)
            when 'CA' then
                coalesce(worth.document_amount, 0) = coalesce(documents.asset_amount, 0)
                and coalesce(
                    {%- for entity, choice in choices.items() if entity != '*' %}
                    case when '{{ entity }}' in (entities.legal_entity_code, held.legal_entity_id) then '{{ choice }}' end,
                    {%- endfor %}
                    '{{ choices.get('*', 'monetary') }}'
                ) = 'monetary'
            else
                -coalesce(worth.document_amount, 0) = coalesce(documents.deferred_amount, 0)
                and coalesce(layered.is_complete, true)
        end as is_asked
    from held
    left join {{ ref('legal_entity') }} as entities on entities.legal_entity_id = held.legal_entity_id
    left join worth
        on worth.connection = held.connection
        and worth.balance_key = held.balance_key
        and worth.legal_entity_id = held.legal_entity_id
    left join documents
        on documents.connection = held.connection
        and documents.agreement_id = held.agreement_id
        and documents.legal_entity_id = held.legal_entity_id
    left join layered
        on layered.connection = held.connection
        and layered.agreement_id = held.agreement_id
        and layered.legal_entity_id = held.legal_entity_id
    left join undone
        on undone.connection = held.connection
        and undone.agreement_id = held.agreement_id
        and undone.legal_entity_id = held.legal_entity_id

),

settled as (

    select
        judged.*,
        case
            when abs(held_amount + undone_amount - policy_amount) < abs(held_amount - policy_amount) then held_amount + undone_amount
            else held_amount
        end as booked_amount
    from judged

)

select
    sides.side,
    case sides.side when 'ledger' then 'ERP' else 'REVREC' end as role,
    settled.connection,
    case when sides.side = 'ledger' then settled.object end as object,
    case when sides.side = 'ledger' then settled.source_id end as source_id,
    case when sides.side = 'ledger' then settled.row_id end as row_id,
    'primary' as book,
    settled.balance_key, settled.account_role, settled.account_number, settled.agreement_id, settled.agreement_number,
    settled.customer_id, customer.customer_name, settled.customer_ref, settled.arrangement_ref, settled.legal_entity_id, settled.subsidiary_ref,
    settled.functional_currency as currency,
    settled.document_currency,
    cast(abs(settled.document_amount) as decimal(18, 4)) as balance_amount,
    settled.exchange_rate,
    settled.layer_count,
    settled.is_rated,
    settled.is_asked,
    cast(
        case when settled.account_role = 'CL' then -1 else 1 end
        * case sides.side when 'ledger' then settled.booked_amount else settled.policy_amount end as decimal(18, 4)
    ) as worth_amount,
    settled.last_recognised_period as period
from settled
cross join (select 'policy' as side union all select 'ledger') as sides
left join {{ ref('customer') }} as customer on customer.customer_id = settled.customer_id
where settled.booked_amount <> 0 or settled.policy_amount <> 0
