{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- Deleted and merged accounts are no claims; salesforce__account_survivors says who took their place.
with claim as (

    select
        row_id,
        connection,
        account_id as source_id,
        updated_at,
        account_name as customer_name,
        tax_id,
        {{ domain_of('website') }} as domain,
        billing_street as street,
        billing_city as city,
        billing_postal_code as postal_code,
        billing_country as country,
        parent_id as parent_ref,
        false as is_person,
        true as is_active,
        case when lower(account_type) like '%customer%' then 'customer' else 'prospect' end as stage,
        created_at
    from {{ ref('stg_salesforce__accounts') }}
    where not coalesce(is_deleted, false)

)

{{ claims(
    'customer', 'salesforce', 'CRM', 'Account',
    missing=['email', 'currency', 'payment_terms'],
    staging='stg_salesforce__accounts', staging_key='account_id', stream='Account'
) }}
