{{ config(tags=['computed']) }}

-- Every project of an agreement with the day its deal was won, the days PSA and ERP made their record of it, and the day it
-- was billable-ready: the later of the two. Empty while one of them is missing. The record is that of the PSA.
with won as (

    select agreement_id, min(closed_on) as won_on
    from {{ ref('opportunity') }}
    where state = 'won' and agreement_id is not null
    group by agreement_id

),

made as (

    select
        project_id,
        cast(min(case when role = 'PSA' then created_at end) as date) as psa_created_on,
        cast(min(case when role = 'ERP' then created_at end) as date) as erp_created_on
    from {{ ref('int_project__claims') }}
    where claim_state = 'ok' and project_id is not null
    group by project_id

)

select
    project.row_id,
    project.connection,
    project.object,
    project.source_id,
    project.project_id,
    project.project_code,
    project.agreement_id,
    won.won_on,
    made.psa_created_on,
    made.erp_created_on,
    case
        when made.psa_created_on is not null and made.erp_created_on is not null
            then greatest(made.psa_created_on, made.erp_created_on)
    end as ready_on
from {{ ref('project') }} as project
inner join made on made.project_id = project.project_id
left join won on won.agreement_id = project.agreement_id
where project.agreement_id is not null and project.state <> 'estimate'
