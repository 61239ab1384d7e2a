{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'Order', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as order_id,
    {{ as_salesforce_id('AccountId') }} as account_id,
    {{ as_salesforce_id('ContractId') }} as contract_id,
    {{ as_salesforce_id('OpportunityId') }} as opportunity_id,
    {{ as_salesforce_id('OriginalOrderId') }} as original_order_id,
    {{ as_text('OrderNumber') }} as order_number,
    {{ as_text('Status') }} as status,
    {{ as_text('StatusCode') }} as status_code,
    {{ as_text('Type') }} as order_type,
    {{ as_boolean('IsReductionOrder') }} as is_reduction,
    {{ as_integer('SOW_Version__c') }} as version_no,
    {{ as_amount('TotalAmount') }} as total_amount,
    {{ as_date('EffectiveDate') }} as effective_on,
    {{ as_date('EndDate') }} as end_on,
    {{ as_date('Signed_Date__c') }} as signed_on,
    {{ as_text('PoNumber') }} as po_number,
    {{ as_date('PoDate') }} as po_on,
    {{ as_amount('PO_Amount__c') }} as po_amount,
    {{ as_instant('ActivatedDate') }} as activated_at,
    {{ as_text('CurrencyIsoCode') }} as currency,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
