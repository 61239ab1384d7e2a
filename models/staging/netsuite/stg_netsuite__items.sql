{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'item', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as item_id,
    {{ as_text('itemid') }} as item_name,
    {{ as_text('itemtype') }} as item_type,
    {{ as_text('incomeaccount') }} as income_account_id,
    {{ as_text('deferredrevenueaccount') }} as deferred_revenue_account_id,
    {{ as_text('revenuerecognitionrule') }} as revenue_recognition_rule,
    {{ as_text('createrevenueplanson') }} as create_revenue_plans_on,
    {{ as_boolean('isinactive') }} as is_inactive
from current_rows
