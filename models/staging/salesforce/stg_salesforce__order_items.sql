{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'OrderItem', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as order_item_id,
    {{ as_salesforce_id('OrderId') }} as order_id,
    {{ as_salesforce_id('OriginalOrderItemId') }} as original_order_item_id,
    {{ as_salesforce_id('Product2Id') }} as product_id,
    {{ as_text('Line_Key__c') }} as line_key,
    {{ as_text('Workstream__c') }} as workstream,
    {{ as_text('Billing_Type__c') }} as billing_type,
    {{ as_text('Description') }} as description,
    {{ as_rate('Quantity') }} as quantity,
    {{ as_rate('UnitPrice') }} as unit_price,
    {{ as_amount('TotalPrice') }} as total_price_amount,
    {{ as_amount('NTE_Amount__c') }} as nte_amount,
    {{ as_hours('Planned_Hours__c') }} as planned_hours,
    {{ as_amount('Standalone_Price__c') }} as standalone_amount,
    {{ as_date('ServiceDate') }} as service_on,
    {{ as_date('EndDate') }} as end_on,
    {{ as_text('CurrencyIsoCode') }} as currency,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
