{{ config(enabled=is_configured('kantata'), materialized='view') }}

with codes as (

    select connection, legal_entity_code, updated_at from {{ ref('kantata__projects') }}

    union all

    select fields.connection, fields.legal_entity_code, person.updated_at
    from {{ ref('kantata__user_fields') }} as fields
    inner join {{ ref('stg_kantata__users') }} as person
        on person.connection = fields.connection and person.user_id = fields.user_id

),

claim as (

    select
        cast(null as bigint) as row_id,
        connection,
        legal_entity_code as source_id,
        max(updated_at) as updated_at,
        legal_entity_code
    from codes
    where legal_entity_code is not null
    group by connection, legal_entity_code

)

{{ claims(
    'legal_entity', 'kantata', 'PSA', 'workspaces',
    missing=['legal_entity_name', 'currency', 'country', 'parent_ref', 'is_elimination', 'is_active']
) }}
