{{ config(materialized='table') }}

-- Projects of the PSA that deliver an agreement. Of several for one workstream in one legal entity the one the ERP points
-- at stays, else the oldest: the others are copies and count nowhere.
with jobs as (

    select distinct psa_project_ref
    from {{ ref('int_project__claims') }}
    where role = 'ERP' and claim_state = 'ok' and psa_project_ref is not null

)

select
    claims.row_id,
    claims.connection,
    claims.role,
    claims.object,
    claims.source_id,
    claims.project_id,
    claims.project_code,
    claims.project_name,
    claims.agreement_id,
    claims.agreement_number,
    claims.customer_id,
    claims.workstream,
    claims.legal_entity_code,
    claims.billing_type,
    claims.state,
    claims.budget_amount,
    claims.currency,
    claims.cap_amount,
    claims.start_on,
    claims.end_on,
    claims.version_no,
    claims.created_at,
    row_number() over (
        partition by claims.connection, claims.agreement_number, claims.workstream, claims.legal_entity_code
        order by
            case when jobs.psa_project_ref is null then 1 else 0 end,
            case when claims.state = 'archived' then 1 else 0 end,
            claims.created_at,
            length(claims.source_id),
            claims.source_id
    ) = 1 as is_survivor
from {{ ref('int_project__claims') }} as claims
left join jobs on jobs.psa_project_ref = claims.source_id
where
    claims.role = 'PSA' and claims.claim_state = 'ok'
    and claims.state in ('active', 'archived') and claims.agreement_id is not null
