{{ config(enabled=is_configured('netsuite'), materialized='view') }}

with claim as (

    select
        subsidiary.row_id,
        subsidiary.connection,
        subsidiary.subsidiary_id as source_id,
        subsidiary.updated_at,
        subsidiary.external_id as legal_entity_code,
        coalesce(subsidiary.legal_name, subsidiary.subsidiary_name) as legal_entity_name,
        currency.currency,
        subsidiary.country,
        subsidiary.parent_id as parent_ref,
        coalesce(subsidiary.is_elimination, false) as is_elimination,
        not coalesce(subsidiary.is_inactive, false) as is_active
    from {{ ref('stg_netsuite__subsidiaries') }} as subsidiary
    left join {{ ref('stg_netsuite__currencies') }} as currency
        on currency.connection = subsidiary.connection and currency.currency_id = subsidiary.currency_id

)

{{ claims(
    'legal_entity', 'netsuite', 'ERP', 'subsidiary',
    staging='stg_netsuite__subsidiaries', staging_key='subsidiary_id', stream='subsidiary'
) }}
