{{ config(materialized='table') }}

-- Agreement number -> enterprise ids, for every side that knows an agreement by its number only. The CRM's word counts first.
with claims as (

    {{ all_claims('agreement') }}

),

linked as (

    select
        claims.agreement_number,
        claims.role,
        claims.currency,
        agreement_link.enterprise_id as agreement_id,
        customer_link.enterprise_id as customer_id,
        legal_entity.legal_entity_id,
        claims.billing_type,
        case claims.role when 'CRM' then 1 when 'ERP' then 2 when 'PSA' then 3 else 4 end as rank_of_role
    from claims
    inner join {{ ref('int_links') }} as agreement_link
        on agreement_link.entity = 'agreement'
        and agreement_link.connection = claims.connection
        and agreement_link.source_id = claims.source_id
    left join {{ ref('int_links') }} as customer_link
        on customer_link.entity = 'customer'
        and customer_link.connection = claims.connection
        and customer_link.source_id = claims.customer_ref
    left join {{ ref('int_legal_entity__keys') }} as legal_entity
        on legal_entity.legal_entity_code = claims.legal_entity_code
    where claims.agreement_number is not null

)

select
    agreement_number,
    min_by(agreement_id, concat(cast(rank_of_role as string), agreement_id)) as agreement_id,
    min_by(customer_id, concat(cast(rank_of_role as string), customer_id)) as customer_id,
    min_by(legal_entity_id, concat(cast(rank_of_role as string), legal_entity_id)) as legal_entity_id,
    min_by(currency, concat(cast(rank_of_role as string), currency)) as currency,
    min_by(billing_type, concat(cast(rank_of_role as string), billing_type)) as billing_type
from linked
group by agreement_number
