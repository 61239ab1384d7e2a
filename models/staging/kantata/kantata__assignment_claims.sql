{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- Bookings of a project's people and roles, and the hours a project states to have no plan yet. A booking says whose it is by its
-- resource; a resource without a person is a role that waits for one.
with claim as (

    select
        allocation.row_id,
        allocation.connection,
        'workspace_allocations' as object,
        allocation.workspace_allocation_id as source_id,
        allocation.updated_at,
        case when allocation.is_hard then 'hard' else 'soft' end as booking,
        coalesce(allocation.workspace_id, resource.workspace_id) as project_ref,
        resource.user_id as person_ref,
        role.role_name,
        allocation.start_on,
        allocation.end_on,
        allocation.planned_minutes
    from {{ ref('stg_kantata__workspace_allocations') }} as allocation
    left join {{ ref('stg_kantata__workspace_resources') }} as resource
        on resource.connection = allocation.connection
        and resource.workspace_resource_id = allocation.workspace_resource_id
    left join {{ ref('stg_kantata__roles') }} as role
        on role.connection = resource.connection and role.role_id = resource.role_id

    union all

    select
        project.row_id,
        project.connection,
        'workspaces' as object,
        project.workspace_id as source_id,
        project.updated_at,
        'none' as booking,
        project.workspace_id as project_ref,
        cast(null as string) as person_ref,
        cast(null as string) as role_name,
        cast(null as date) as start_on,
        cast(null as date) as end_on,
        cast(round(project.unscheduled_hours * 60) as bigint) as planned_minutes
    from {{ ref('kantata__projects') }} as project
    where project.unscheduled_hours is not null

)

{{ claims(
    'assignment', 'kantata', 'PSA', 'claim.object', missing=['agreement_line_key'],
    staging='stg_kantata__workspace_allocations', staging_key='workspace_allocation_id', stream='workspace_allocations'
) }}
