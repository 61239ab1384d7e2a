{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'Opportunity', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as opportunity_id,
    {{ as_salesforce_id('AccountId') }} as account_id,
    {{ as_salesforce_id('ContractId') }} as contract_id,
    {{ as_salesforce_id('OwnerId') }} as owner_id,
    {{ as_text('PSA_Project_Id__c') }} as psa_project_id,
    {{ as_text('Name') }} as opportunity_name,
    {{ as_text('StageName') }} as stage_name,
    {{ as_text('Type') }} as opportunity_type,
    {{ as_text('ForecastCategoryName') }} as forecast_category,
    {{ as_amount('Amount') }} as value_amount,
    {{ as_rate('Probability') }} as probability,
    {{ as_date('CloseDate') }} as closed_on,
    {{ as_boolean('IsClosed') }} as is_closed,
    {{ as_boolean('IsWon') }} as is_won,
    {{ as_text('CurrencyIsoCode') }} as currency,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
