{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- Every estimate of a variable amount. A penalty lowers the price, whichever sign it was typed with.
with claim as (

    select
        variable.row_id,
        variable.connection,
        variable.sow_variable_id as source_id,
        variable.updated_at,
        variable.line_key as agreement_line_key,
        contract.sow_number as agreement_number,
        variable.contract_id as agreement_ref,
        variable.element_name,
        replace(lower(trim(variable.kind)), ' ', '_') as kind,
        case when lower(trim(variable.kind)) = 'penalty' then -abs(variable.estimate_amount) else variable.estimate_amount end
            as estimate_amount,
        replace(lower(trim(variable.likelihood)), ' ', '_') as likelihood,
        variable.estimated_on,
        variable.due_on,
        variable.resolved_on,
        case when lower(trim(variable.kind)) = 'penalty' then -abs(variable.resolved_amount) else variable.resolved_amount end
            as resolved_amount,
        coalesce(variable.currency, contract.currency) as currency
    from {{ ref('stg_salesforce__sow_variables') }} as variable
    inner join {{ ref('stg_salesforce__contracts') }} as contract
        on contract.connection = variable.connection and contract.contract_id = variable.contract_id
    where not coalesce(variable.is_deleted, false) and not coalesce(contract.is_deleted, false)

)

{{ claims(
    'variable_element', 'salesforce', 'CRM', 'SOW_Variable__c',
    staging='stg_salesforce__sow_variables', staging_key='sow_variable_id', stream='SOW_Variable__c'
) }}
