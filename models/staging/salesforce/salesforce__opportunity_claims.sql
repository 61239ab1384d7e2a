{{ config(enabled=is_configured('salesforce'), materialized='view') }}

with claim as (

    select
        opportunity.row_id,
        opportunity.connection,
        opportunity.opportunity_id as source_id,
        opportunity.updated_at,
        coalesce(survivor.surviving_account_id, opportunity.account_id) as customer_ref,
        opportunity.opportunity_name,
        opportunity.value_amount,
        opportunity.currency,
        opportunity.closed_on,
        opportunity.stage_name,
        case when opportunity.is_won then 'won' when opportunity.is_closed then 'lost' else 'open' end as state,
        opportunity.contract_id as agreement_ref,
        opportunity.psa_project_id as project_ref
    from {{ ref('stg_salesforce__opportunities') }} as opportunity
    left join {{ ref('salesforce__account_survivors') }} as survivor
        on survivor.connection = opportunity.connection and survivor.account_id = opportunity.account_id
    where not coalesce(opportunity.is_deleted, false)

)

{{ claims(
    'opportunity', 'salesforce', 'CRM', 'Opportunity',
    staging='stg_salesforce__opportunities', staging_key='opportunity_id', stream='Opportunity'
) }}
