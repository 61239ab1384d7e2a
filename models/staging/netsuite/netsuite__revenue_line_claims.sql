{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Lines of actual plans; forecasts never become claims. Posted lines count in the month they were posted in.
with claim as (

    select
        planned.row_id,
        planned.connection,
        planned.planned_revenue_id as source_id,
        plan.updated_at,
        planned.connection || '/' || planned.planned_revenue_id as revenue_line_key,
        plan.revenue_element_id as obligation_ref,
        planned.revenue_plan_id as plan_ref,
        element.returned_element_id is not null as is_return,
        element.method,
        planned.revenue_amount,
        coalesce(plan_currency.currency, element.currency) as currency,
        coalesce(planned.exchange_rate, plan.exchange_rate, element.exchange_rate) as exchange_rate,
        {{ to_minor_unit(
            widened('planned.revenue_amount') ~ ' * coalesce(planned.exchange_rate, plan.exchange_rate, element.exchange_rate)',
            'functional.currency'
        ) }} as functional_amount,
        functional.currency as functional_currency,
        case when planned.is_recognised then 'posted' else 'planned' end as status,
        planned_period.period as planned_period,
        case when planned.is_recognised then coalesce(posting_period.period, planned_period.period) else planned_period.period end
            as period,
        planned.journal_id as journal_ref,
        account.account_number,
        element.subsidiary_id as legal_entity_ref,
        element.sow_number as agreement_number,
        element.line_key as agreement_line_key,
        {{ book_of('element.accounting_book_id') }} as book,
        upper(plan.plan_type) as plan_type,
        coalesce(lower(planned.planned_revenue_type) like '%catch%', false) as is_catch_up
    from {{ ref('stg_netsuite__planned_revenues') }} as planned
    inner join {{ ref('stg_netsuite__revenue_plans') }} as plan
        on plan.connection = planned.connection and plan.revenue_plan_id = planned.revenue_plan_id
    inner join {{ ref('netsuite__elements') }} as element
        on element.connection = plan.connection and element.revenue_element_id = plan.revenue_element_id
    left join {{ ref('stg_netsuite__currencies') }} as plan_currency
        on plan_currency.connection = plan.connection and plan_currency.currency_id = plan.currency_id
    left join {{ ref('stg_netsuite__subsidiaries') }} as subsidiary
        on subsidiary.connection = element.connection and subsidiary.subsidiary_id = element.subsidiary_id
    left join {{ ref('stg_netsuite__currencies') }} as functional
        on functional.connection = subsidiary.connection and functional.currency_id = subsidiary.currency_id
    left join {{ ref('netsuite__periods') }} as planned_period
        on planned_period.connection = planned.connection
        and planned_period.accounting_period_id = planned.planned_period_id
    left join {{ ref('netsuite__periods') }} as posting_period
        on posting_period.connection = planned.connection
        and posting_period.accounting_period_id = planned.posting_period_id
    left join {{ ref('stg_netsuite__accounts') }} as account
        on account.connection = planned.connection
        and account.account_id = coalesce(planned.recognition_account_id, element.recognition_account_id)
    where upper(plan.plan_type) = 'ACTUAL'

)

{{ claims(
    'revenue_line', 'netsuite', 'REVREC', 'revenueplanplannedrevenue',
    staging='stg_netsuite__planned_revenues', staging_key='planned_revenue_id', stream='revenueplanplannedrevenue'
) }}
