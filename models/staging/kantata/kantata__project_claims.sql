{{ config(enabled=is_configured('kantata'), materialized='view') }}

with claim as (

    select
        row_id,
        connection,
        workspace_id as source_id,
        updated_at,
        project_code,
        title as project_name,
        workspace_group_id as customer_ref,
        sow_number as agreement_number,
        sow_number as agreement_ref,
        opportunity_id as opportunity_ref,
        workstream,
        {{ billing_type_of('billing_type') }} as billing_type,
        case when stage = 'estimate' then 'estimate' when is_archived then 'archived' else 'active' end as state,
        stage = 'project' and not is_archived as is_active,
        price_amount as budget_amount,
        currency,
        nte_amount as cap_amount,
        practice,
        legal_entity_code,
        start_on,
        due_on as end_on,
        sow_version as version_no,
        workspace_id as psa_project_ref,
        created_at,
        coalesce(requires_time_approval, true) as requires_time_approval
    from {{ ref('kantata__projects') }}

)

{{ claims(
    'project', 'kantata', 'PSA', 'workspaces',
    staging='stg_kantata__workspaces', staging_key='workspace_id', stream='workspaces'
) }}
