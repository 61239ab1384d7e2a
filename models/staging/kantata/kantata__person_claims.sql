{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- A person has one membership of the account; one made again leaves the earlier one, and whoever is in by one has not left.
with presence as (

    select
        connection,
        user_id,
        min(joined_on) as joined_on,
        case when count(left_on) = count(*) then max(left_on) end as left_on
    from {{ ref('stg_kantata__account_memberships') }}
    group by connection, user_id

),

claim as (

    select
        person.row_id,
        person.connection,
        person.user_id as source_id,
        person.updated_at,
        person.full_name as person_name,
        lower(person.email) as email,
        role.role_name,
        fields.legal_entity_code,
        fields.previous_legal_entity_code,
        fields.home_since_on,
        fields.supplier_ref,
        fields.supplier_name,
        not coalesce(person.is_disabled, false) as is_active,
        coalesce(presence.joined_on, person.created_on) as joined_on,
        presence.left_on
    from {{ ref('stg_kantata__users') }} as person
    left join {{ ref('stg_kantata__roles') }} as role
        on role.connection = person.connection and role.role_id = person.role_id
    left join {{ ref('kantata__user_fields') }} as fields
        on fields.connection = person.connection and fields.user_id = person.user_id
    left join presence on presence.connection = person.connection and presence.user_id = person.user_id

)

{{ claims(
    'person', 'kantata', 'PSA', 'users', staging='stg_kantata__users', staging_key='user_id', stream='users'
) }}
