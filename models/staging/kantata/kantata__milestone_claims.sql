{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- The amount has no base unit of its own: the project's is taken.
with claim as (

    select
        milestone.row_id,
        milestone.connection,
        milestone.billing_milestone_id as source_id,
        milestone.updated_at,
        milestone.billing_milestone_id as milestone_key,
        milestone.title as milestone_name,
        milestone.workspace_id as project_ref,
        milestone.story_id as task_ref,
        task.sow_line as agreement_line_key,
        {{ minor_units('milestone.amount_minor_units', 'project.currency_base_unit') }} as milestone_amount,
        coalesce(milestone.currency, project.currency) as currency,
        milestone.billing_type,
        milestone.invoice_on,
        coalesce(task.state = 'completed', false) as is_completed,
        task.accepted_on
    from {{ ref('stg_kantata__billing_milestones') }} as milestone
    left join {{ ref('kantata__projects') }} as project
        on project.connection = milestone.connection and project.workspace_id = milestone.workspace_id
    left join {{ ref('kantata__tasks') }} as task
        on task.connection = milestone.connection and task.story_id = milestone.story_id

)

{{ claims(
    'milestone', 'kantata', 'PSA', 'billing_milestones',
    staging='stg_kantata__billing_milestones', staging_key='billing_milestone_id', stream='billing_milestones',
    keys=['milestone_key']
) }}
