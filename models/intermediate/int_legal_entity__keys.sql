{{ config(materialized='table') }}

-- Code of a legal entity -> enterprise id, whichever system says the code.
with claims as (

    {{ all_claims('legal_entity') }}

)

select
    claims.legal_entity_code,
    min(link.enterprise_id) as legal_entity_id
from claims
inner join {{ ref('int_links') }} as link
    on link.entity = 'legal_entity'
    and link.connection = claims.connection
    and link.source_id = claims.source_id
where claims.legal_entity_code is not null
group by claims.legal_entity_code
