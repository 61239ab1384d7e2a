{{ config(enabled=is_configured('kantata')) }}

-- Projects with the firm's own fields and their references to the deal and to the ERP's project.
with fields as (

    select * from {{ ref('kantata__workspace_fields') }}

),

deal_references as (

    select connection, subject_id, min(service_model_ref) as opportunity_id
    from {{ ref('kantata__references') }}
    where subject_type = 'workspace' and service_name = 'salesforce' and lower(service_model) = 'opportunity'
    group by connection, subject_id

),

job_references as (

    select connection, subject_id, min(service_model_ref) as job_id
    from {{ ref('kantata__references') }}
    where subject_type = 'workspace' and service_name = 'netsuite'
    group by connection, subject_id

),

projects as (

    select
        workspace.row_id,
        workspace.connection,
        workspace.workspace_id,
        workspace.title,
        workspace.stage,
        coalesce(workspace.is_archived, false) as is_archived,
        workspace.start_on,
        workspace.due_on,
        {{ minor_units('workspace.price_minor_units', 'workspace.currency_base_unit') }} as price_amount,
        workspace.currency,
        workspace.currency_base_unit,
        workspace.workspace_group_id,
        workspace.requires_time_approval,
        workspace.created_at,
        workspace.updated_at,
        fields.sow_number,
        fields.sow_version,
        fields.workstream,
        fields.billing_type,
        fields.nte_amount,
        fields.legal_entity_code,
        fields.project_code,
        fields.practice,
        fields.unscheduled_hours,
        deal_references.opportunity_id,
        job_references.job_id
    from {{ ref('stg_kantata__workspaces') }} as workspace
    left join fields on fields.connection = workspace.connection and fields.workspace_id = workspace.workspace_id
    left join deal_references
        on deal_references.connection = workspace.connection and deal_references.subject_id = workspace.workspace_id
    left join job_references
        on job_references.connection = workspace.connection and job_references.subject_id = workspace.workspace_id

)

-- Of several projects for one workstream of an agreement in one legal entity, the one the ERP points at stays, else the
-- oldest: the others count its budget twice.
select
    projects.*,
    case
        when stage = 'project' and sow_number is not null then
            row_number() over (
                partition by connection, stage, sow_number, workstream, legal_entity_code
                order by case when job_id is null then 1 else 0 end, is_archived, created_at, length(workspace_id), workspace_id
            ) = 1
        else stage = 'project'
    end as is_survivor
from projects
