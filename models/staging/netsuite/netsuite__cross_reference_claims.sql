{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Ids of other systems kept here. Time and expenses carry one each too; those are keys of the entries, not links.
with stored as (

    select
        row_id, connection, customer_id as from_id, updated_at, 'customer' as from_entity, 'customer' as from_object,
        'externalid' as field, 'CRM' as to_role, 'salesforce' as to_system, 'Account' as to_object,
        {{ salesforce_id('external_id') }} as to_id
    from {{ ref('stg_netsuite__customers') }}
    where external_id is not null and lower(stage) = 'customer'

    union all

    select
        row_id, connection, transaction_id as from_id, updated_at, 'agreement' as from_entity, 'transaction' as from_object,
        'custbody_sf_contract_id' as field, 'CRM' as to_role, 'salesforce' as to_system, 'Contract' as to_object,
        sf_contract_id as to_id
    from {{ ref('netsuite__documents') }}
    where sf_contract_id is not null and transaction_type = 'SalesOrd' and not is_voided

    union all

    select
        row_id, connection, transaction_id as from_id, updated_at, 'agreement' as from_entity, 'transaction' as from_object,
        'externalid' as field, 'CRM' as to_role, 'salesforce' as to_system, 'Contract' as to_object,
        {{ salesforce_id('external_id') }} as to_id
    from {{ ref('netsuite__documents') }}
    where external_id is not null and transaction_type = 'SalesOrd' and not is_voided

    union all

    select
        row_id, connection, job_id as from_id, updated_at, 'project' as from_entity, 'job' as from_object,
        'externalid' as field, 'PSA' as to_role, 'kantata' as to_system, 'workspaces' as to_object,
        coalesce({{ without_prefix('external_id', 'KAN-') }}, external_id) as to_id
    from {{ ref('stg_netsuite__jobs') }}
    where external_id is not null

    union all

    select
        row_id, connection, job_id as from_id, updated_at, 'project' as from_entity, 'job' as from_object,
        'custentity_psa_project_id' as field, 'PSA' as to_role, 'kantata' as to_system, 'workspaces' as to_object,
        psa_project_id as to_id
    from {{ ref('stg_netsuite__jobs') }}
    where psa_project_id is not null

    union all

    select
        row_id, connection, employee_id as from_id, cast(null as timestamp) as updated_at, 'person' as from_entity,
        'employee' as from_object, 'externalid' as field, 'PSA' as to_role, 'kantata' as to_system, 'users' as to_object,
        coalesce({{ without_prefix('external_id', 'KAN-U-') }}, external_id) as to_id
    from {{ ref('stg_netsuite__employees') }}
    where external_id is not null

    union all

    select
        row_id, connection, unique_key as from_id, updated_at, 'agreement_line' as from_entity,
        'transactionline' as from_object, 'custcol_sf_order_item_id' as field, 'CRM' as to_role, 'salesforce' as to_system,
        'OrderItem' as to_object, sf_order_item_id as to_id
    from {{ ref('netsuite__lines') }}
    where sf_order_item_id is not null and transaction_type = 'SalesOrd' and not is_voided

    union all

    select
        row_id, connection, charge_id as from_id, updated_at, 'billing_event' as from_entity, 'charge' as from_object,
        'externalid' as field, 'PSA' as to_role, 'kantata' as to_system, 'billing_milestones' as to_object,
        {{ without_prefix('external_id', 'KAN-BM-') }} as to_id
    from {{ ref('stg_netsuite__charges') }}
    where external_id like 'KAN-BM-%'

),

claim as (

    select stored.*, from_object || '/' || from_id || '/' || field as source_id from stored

)

{{ claims('cross_reference', 'netsuite', 'ERP', 'claim.from_object') }}
