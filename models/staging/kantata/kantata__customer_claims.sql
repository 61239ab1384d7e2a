{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- Groups that are companies; the others are plain folders.
with claim as (

    select
        row_id,
        connection,
        workspace_group_id as source_id,
        updated_at,
        group_name as customer_name,
        email,
        coalesce({{ domain_of('website') }}, {{ domain_of('email') }}) as domain,
        address as street,
        true as is_active,
        'customer' as stage,
        created_at
    from {{ ref('stg_kantata__workspace_groups') }}
    where is_company

)

{{ claims(
    'customer', 'kantata', 'PSA', 'workspace_groups',
    missing=['tax_id', 'city', 'postal_code', 'country', 'currency', 'parent_ref', 'is_person', 'payment_terms'],
    staging='stg_kantata__workspace_groups', staging_key='workspace_group_id', stream='workspace_groups'
) }}
