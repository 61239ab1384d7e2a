{{ config(materialized='table') }}

-- A project of a connection -> enterprise ids of the project, its agreement and its customer.
with claims as (

    {{ all_claims('project') }}

)

select
    claims.connection,
    claims.source_id as project_ref,
    project_link.enterprise_id as project_id,
    claims.agreement_number,
    agreement.agreement_id,
    coalesce(customer_link.enterprise_id, agreement.customer_id) as customer_id,
    claims.state as project_state,
    claims.workstream
from claims
left join {{ ref('int_links') }} as project_link
    on project_link.entity = 'project'
    and project_link.connection = claims.connection
    and project_link.source_id = claims.source_id
left join {{ ref('int_agreement__keys') }} as agreement
    on agreement.agreement_number = claims.agreement_number
left join {{ ref('int_links') }} as customer_link
    on customer_link.entity = 'customer'
    and customer_link.connection = claims.connection
    and customer_link.source_id = claims.customer_ref
where claims.claim_state = 'ok'
