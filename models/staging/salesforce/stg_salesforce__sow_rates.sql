{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'SOW_Rate__c', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as sow_rate_id,
    {{ as_salesforce_id('Contract__c') }} as contract_id,
    {{ as_text('Name') }} as rate_name,
    {{ as_text('Role__c') }} as role_name,
    {{ as_rate('Rate__c') }} as hourly_rate,
    {{ as_integer('SOW_Version__c') }} as version_no,
    {{ as_date('Effective_From__c') }} as effective_from_on,
    {{ as_date('Effective_To__c') }} as effective_to_on,
    {{ as_text('CurrencyIsoCode') }} as currency,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
