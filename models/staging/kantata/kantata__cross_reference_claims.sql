{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- Every reference to another system. What it points at is named as the stream that holds it.
with claim as (

    select
        row_id,
        connection,
        external_reference_id as source_id,
        updated_at,
        case subject_type
            when 'workspacegroup' then 'customer' when 'workspace' then 'project'
            when 'billingmilestone' then 'milestone' when 'invoice' then 'invoice' when 'timeadjustment' then 'time_entry'
            when 'timeentry' then 'time_entry' when 'expense' then 'expense' when 'user' then 'person' when 'story' then 'task'
        end as from_entity,
        case subject_type
            when 'workspacegroup' then 'workspace_groups' when 'workspace' then 'workspaces'
            when 'billingmilestone' then 'billing_milestones' when 'invoice' then 'invoices'
            when 'timeadjustment' then 'time_adjustments' when 'timeentry' then 'time_entries' when 'expense' then 'expenses'
            when 'user' then 'users' when 'story' then 'stories'
        end as from_object,
        subject_id as from_id,
        service_name || '/' || service_model as field,
        case service_name when 'salesforce' then 'CRM' when 'netsuite' then 'ERP' end as to_role,
        service_name as to_system,
        case
            when service_name = 'netsuite' and lower(service_model) in ('invoice', 'creditmemo', 'salesorder', 'custinvc', 'custcred')
                then 'transaction'
            when service_name = 'netsuite' then lower(service_model)
            else service_model
        end as to_object,
        service_model_ref as to_id
    from {{ ref('kantata__references') }}

)

{{ claims('cross_reference', 'kantata', 'PSA', 'external_references') }}
