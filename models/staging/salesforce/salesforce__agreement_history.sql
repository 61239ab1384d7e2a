{{ config(enabled=is_configured('salesforce')) }}

-- Every landed version of every contract, oldest first; a version that a full load no longer held is a deletion.
select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as source_id,
    {{ as_text('SOW_Number__c') }} as agreement_number,
    {{ as_text('Status') }} as status,
    {{ billing_type_of(landed('Billing_Type__c')) }} as billing_type,
    {{ as_text('Contracting_Entity__c') }} as legal_entity_code,
    {{ as_text('CurrencyIsoCode') }} as currency,
    {{ as_amount('Contract_Value__c') }} as value_amount,
    {{ as_amount('NTE_Amount__c') }} as cap_amount,
    {{ as_date('StartDate') }} as start_on,
    {{ as_date('EndDate') }} as end_on,
    {{ as_text('Payment_Terms__c') }} as payment_terms,
    {{ as_date('Termination_Date__c') }} as terminated_on,
    _op = 'D' or coalesce({{ as_boolean('IsDeleted') }}, false) as is_deleted,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('SystemModstamp') }} as changed_at
from {{ source('salesforce', 'contract') }}
