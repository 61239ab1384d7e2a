{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'Account', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as account_id,
    {{ as_text('Name') }} as account_name,
    {{ as_text('AccountNumber') }} as account_number,
    {{ as_salesforce_id('ParentId') }} as parent_id,
    {{ as_salesforce_id('MasterRecordId') }} as master_record_id,
    {{ as_text('Type') }} as account_type,
    {{ as_text('Industry') }} as industry,
    {{ as_text('BillingStreet') }} as billing_street,
    {{ as_text('BillingCity') }} as billing_city,
    {{ as_text('BillingState') }} as billing_state,
    {{ as_text('BillingPostalCode') }} as billing_postal_code,
    {{ as_text('BillingCountry') }} as billing_country,
    {{ as_text('Website') }} as website,
    {{ as_salesforce_id('OwnerId') }} as owner_id,
    {{ as_text('ERP_Customer_Id__c') }} as erp_customer_id,
    {{ as_text('Tax_Id__c') }} as tax_id,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
