{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'SOW_Variable__c', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as sow_variable_id,
    {{ as_salesforce_id('Contract__c') }} as contract_id,
    {{ as_text('Name') }} as element_name,
    {{ as_text('Line_Key__c') }} as line_key,
    {{ as_text('Kind__c') }} as kind,
    {{ as_amount('Estimate__c') }} as estimate_amount,
    {{ as_text('Likelihood__c') }} as likelihood,
    {{ as_date('Estimated_On__c') }} as estimated_on,
    {{ as_date('Due_On__c') }} as due_on,
    {{ as_date('Resolved_On__c') }} as resolved_on,
    {{ as_amount('Resolved_Amount__c') }} as resolved_amount,
    {{ as_text('CurrencyIsoCode') }} as currency,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
