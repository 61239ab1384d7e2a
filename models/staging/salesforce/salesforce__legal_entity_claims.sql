{{ config(enabled=is_configured('salesforce'), materialized='view') }}

with claim as (

    select
        cast(null as bigint) as row_id,
        connection,
        contracting_entity as source_id,
        max(updated_at) as updated_at,
        contracting_entity as legal_entity_code
    from {{ ref('stg_salesforce__contracts') }}
    where contracting_entity is not null and not coalesce(is_deleted, false)
    group by connection, contracting_entity

)

{{ claims(
    'legal_entity', 'salesforce', 'CRM', 'Contract',
    missing=['legal_entity_name', 'currency', 'country', 'parent_ref', 'is_elimination', 'is_active']
) }}
