{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'revenueplanplannedrevenue', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as planned_revenue_id,
    {{ as_text('revenueplan') }} as revenue_plan_id,
    {{ as_amount('amount') }} as revenue_amount,
    {{ as_text('plannedperiod') }} as planned_period_id,
    {{ as_text('postingperiod') }} as posting_period_id,
    {{ as_text('plannedrevenuetype') }} as planned_revenue_type,
    {{ as_boolean('isrecognized') }} as is_recognised,
    {{ as_text('journal') }} as journal_id,
    {{ as_date('dateexecuted') }} as executed_on,
    {{ as_rate('exchangerate') }} as exchange_rate,
    {{ as_text('deferredrevenueaccount') }} as deferred_revenue_account_id,
    {{ as_text('recognitionaccount') }} as recognition_account_id
from current_rows
