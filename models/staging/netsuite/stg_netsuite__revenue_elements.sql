{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'revenueelement', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as revenue_element_id,
    {{ as_text('recordnumber') }} as record_number,
    {{ as_text('revenuearrangement') }} as revenue_arrangement_id,
    {{ as_text('accountingbook') }} as accounting_book_id,
    {{ as_text('source') }} as source_label,
    {{ as_text('sourcerecordtype') }} as source_record_type,
    {{ as_text('referenceid') }} as reference_id,
    {{ as_text('item') }} as item_id,
    {{ as_text('entity') }} as entity_id,
    {{ as_text('subsidiary') }} as subsidiary_id,
    {{ as_text('currency') }} as currency_id,
    {{ as_rate('exchangerate') }} as exchange_rate,
    {{ as_hours('quantity') }} as quantity,
    {{ as_amount('salesamount') }} as sales_amount,
    {{ as_amount('discountedsalesamount') }} as discounted_sales_amount,
    {{ as_amount('allocationamount') }} as allocation_amount,
    {{ as_text('revenuerecognitionrule') }} as revenue_recognition_rule,
    {{ as_text('createrevenueplanson') }} as create_revenue_plans_on,
    {{ as_date('revrecstartdate') }} as start_on,
    {{ as_date('revrecenddate') }} as end_on,
    {{ as_date('elementdate') }} as element_on,
    {{ as_text('deferralaccount') }} as deferral_account_id,
    {{ as_text('recognitionaccount') }} as recognition_account_id,
    {{ as_text('revenueplanstatus') }} as plan_status,
    {{ as_boolean('requiresrevenueplanupdate') }} as needs_plan_update,
    {{ as_text('returnofelement') }} as returned_element_id,
    {{ as_text('custrecord_line_key') }} as line_key,
    {{ as_boolean('custrecord_rpo_exempt') }} as is_rpo_exempt,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
