{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Leads and prospects share the record type; only customers are claims.
with claim as (

    select
        customer.row_id,
        customer.connection,
        customer.customer_id as source_id,
        customer.updated_at,
        coalesce(
            customer.company_name, customer.alternative_name,
            nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.entity_number
        ) as customer_name,
        customer.tax_id,
        customer.email,
        coalesce({{ domain_of('customer.url') }}, {{ domain_of('customer.email') }}) as domain,
        address.street,
        address.city,
        address.postal_code,
        address.country,
        currency.currency,
        customer.parent_id as parent_ref,
        coalesce(customer.is_person, false) as is_person,
        not coalesce(customer.is_inactive, false) as is_active,
        'customer' as stage,
        customer.payment_terms,
        customer.created_at
    from {{ ref('stg_netsuite__customers') }} as customer
    left join {{ ref('stg_netsuite__entity_addresses') }} as address
        on address.connection = customer.connection and address.address_id = customer.billing_address_id
    left join {{ ref('stg_netsuite__currencies') }} as currency
        on currency.connection = customer.connection and currency.currency_id = customer.currency_id
    where lower(customer.stage) = 'customer'

)

{{ claims(
    'customer', 'netsuite', 'ERP', 'customer',
    staging='stg_netsuite__customers', staging_key='customer_id', stream='customer'
) }}
