{{ config(enabled=is_configured('salesforce'), materialized='view') }}

with claim as (

    select
        rate.row_id,
        rate.connection,
        rate.sow_rate_id as source_id,
        rate.updated_at,
        contract.sow_number as agreement_number,
        rate.contract_id as agreement_ref,
        rate.role_name,
        rate.hourly_rate,
        coalesce(rate.currency, contract.currency) as currency,
        rate.effective_from_on,
        rate.effective_to_on,
        rate.version_no
    from {{ ref('stg_salesforce__sow_rates') }} as rate
    inner join {{ ref('stg_salesforce__contracts') }} as contract
        on contract.connection = rate.connection and contract.contract_id = rate.contract_id
    where not coalesce(rate.is_deleted, false) and not coalesce(contract.is_deleted, false)

)

{{ claims(
    'rate', 'salesforce', 'CRM', 'SOW_Rate__c',
    staging='stg_salesforce__sow_rates', staging_key='sow_rate_id', stream='SOW_Rate__c'
) }}
