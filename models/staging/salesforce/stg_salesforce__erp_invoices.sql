{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'ERP_Invoice__c', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as erp_invoice_copy_id,
    {{ as_salesforce_id('Account__c') }} as account_id,
    {{ as_salesforce_id('Contract__c') }} as contract_id,
    {{ as_text('ERP_Invoice_Id__c') }} as erp_invoice_id,
    {{ as_text('Name') }} as invoice_name,
    {{ as_text('Status__c') }} as status,
    {{ as_amount('Amount__c') }} as invoice_amount,
    {{ as_amount('Paid_Amount__c') }} as paid_amount,
    {{ as_amount('Credited_Amount__c') }} as credited_amount,
    {{ as_date('Invoice_Date__c') }} as issued_on,
    {{ as_date('Due_Date__c') }} as due_on,
    {{ as_text('CurrencyIsoCode') }} as currency,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
