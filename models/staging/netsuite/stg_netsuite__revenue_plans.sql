{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'revenueplan', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as revenue_plan_id,
    {{ as_text('recordnumber') }} as record_number,
    {{ as_text('createdfrom') }} as revenue_element_id,
    {{ as_amount('amount') }} as plan_amount,
    {{ as_text('revenueplancurrency') }} as currency_id,
    {{ as_rate('exchangerate') }} as exchange_rate,
    {{ as_text('revenueplantype') }} as plan_type,
    {{ as_text('recognitionmethod') }} as recognition_method,
    {{ as_date('revrecstartdate') }} as start_on,
    {{ as_date('revrecenddate') }} as end_on,
    {{ as_text('statusfordisplay') }} as status,
    {{ as_amount('totalrecognized') }} as recognised_amount,
    {{ as_amount('remainingdeferredbalance') }} as remaining_deferred_amount,
    {{ as_boolean('holdrevenuerecognition') }} as is_on_hold,
    {{ as_text('catchupperiod') }} as catch_up_period_id,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
