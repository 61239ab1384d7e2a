{{ config(enabled=is_configured('kantata'), materialized='view') }}

with claim as (

    select
        row_id,
        connection,
        story_id as source_id,
        updated_at,
        workspace_id as project_ref,
        title as task_name,
        sow_line as agreement_line_key,
        story_type as kind,
        state,
        is_billable,
        is_fixed_fee,
        planned_minutes,
        accepted_on,
        start_on,
        due_on
    from {{ ref('kantata__tasks') }}

)

{{ claims(
    'task', 'kantata', 'PSA', 'stories', staging='stg_kantata__stories', staging_key='story_id', stream='stories'
) }}
