{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'Contract', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as contract_id,
    {{ as_salesforce_id('AccountId') }} as account_id,
    {{ as_text('ContractNumber') }} as contract_number,
    {{ as_text('SOW_Number__c') }} as sow_number,
    {{ as_text('Status') }} as status,
    {{ as_text('Billing_Type__c') }} as billing_type,
    {{ as_text('Contracting_Entity__c') }} as contracting_entity,
    {{ as_text('Payment_Terms__c') }} as payment_terms,
    {{ as_boolean('Advance_Billing_Allowed__c') }} as is_advance_billing_allowed,
    {{ as_boolean('PO_Required__c') }} as is_purchase_order_required,
    {{ as_date('Termination_Date__c') }} as termination_on,
    {{ as_amount('Termination_Fee__c') }} as termination_fee_amount,
    {{ as_amount('NTE_Amount__c') }} as nte_amount,
    {{ as_amount('Contract_Value__c') }} as contract_value_amount,
    {{ as_integer('ContractTerm') }} as contract_term_months,
    {{ as_date('StartDate') }} as start_on,
    {{ as_date('EndDate') }} as end_on,
    {{ as_date('CustomerSignedDate') }} as customer_signed_on,
    {{ as_date('CompanySignedDate') }} as company_signed_on,
    {{ as_instant('ActivatedDate') }} as activated_at,
    {{ as_text('CurrencyIsoCode') }} as currency,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
