{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- Entries, and the adjustments that correct locked ones. An entry is approved at the moment its active submission was;
-- where no approval is needed, when it was made. What is not approved is judged by its most recent submission.
-- An adjustment reaches finance on the day it is posted.
with entries as (

    select
        entry.row_id,
        entry.connection,
        'time_entries' as object,
        entry.time_entry_id as source_id,
        entry.updated_at,
        entry.time_entry_id as time_entry_key,
        'actual' as kind,
        entry.workspace_id as project_ref,
        entry.story_id as task_ref,
        entry.user_id as person_ref,
        role.role_name,
        task.sow_line as agreement_line_key,
        entry.work_on,
        entry.minutes,
        entry.is_billable,
        case
            when entry.is_approved then 'approved'
            when submission.status = 'rejected' then 'rejected'
            when submission.status = 'new' then 'submitted'
            else 'new'
        end as state,
        case
            when not entry.is_approved then null
            when submission.status = 'approved' then submission.updated_at
            else entry.created_at
        end as approved_at,
        {{ minor_units('entry.rate_minor_units', 'entry.currency_base_unit') }} as hourly_rate,
        {{ minor_units('entry.cost_rate_minor_units', 'entry.currency_base_unit') }} as cost_rate,
        entry.currency,
        entry.is_invoiced,
        cast(null as timestamp) as first_posted_at,
        cast(null as string) as credit_ref,
        entry.created_at
    from {{ ref('stg_kantata__time_entries') }} as entry
    left join {{ ref('stg_kantata__roles') }} as role
        on role.connection = entry.connection and role.role_id = entry.role_id
    left join {{ ref('kantata__tasks') }} as task
        on task.connection = entry.connection and task.story_id = entry.story_id
    left join {{ ref('stg_kantata__timesheet_submissions') }} as submission
        on submission.connection = entry.connection
        and submission.submission_id = case when entry.is_approved then entry.active_submission_id else entry.recent_submission_id end

),

credit_references as (

    select connection, subject_id, min(service_model_ref) as credit_id
    from {{ ref('kantata__references') }}
    where subject_type = 'timeadjustment' and service_name = 'netsuite'
    group by connection, subject_id

),

adjustments as (

    select
        adjustment.row_id,
        adjustment.connection,
        'time_adjustments' as object,
        adjustment.time_adjustment_id as source_id,
        adjustment.updated_at,
        adjustment.time_adjustment_id as time_entry_key,
        'adjustment' as kind,
        adjustment.workspace_id as project_ref,
        adjustment.story_id as task_ref,
        adjustment.user_id as person_ref,
        role.role_name,
        task.sow_line as agreement_line_key,
        adjustment.work_on,
        adjustment.minutes,
        adjustment.is_billable,
        'approved' as state,
        cast(adjustment.posted_on as timestamp) as approved_at,
        {{ minor_units('adjustment.rate_minor_units', 'adjustment.currency_base_unit') }} as hourly_rate,
        {{ minor_units('adjustment.cost_rate_minor_units', 'adjustment.currency_base_unit') }} as cost_rate,
        adjustment.currency,
        adjustment.is_invoiced,
        cast(adjustment.posted_on as timestamp) as first_posted_at,
        credit_references.credit_id as credit_ref,
        adjustment.created_at
    from {{ ref('stg_kantata__time_adjustments') }} as adjustment
    left join {{ ref('stg_kantata__users') }} as person
        on person.connection = adjustment.connection and person.user_id = adjustment.user_id
    left join {{ ref('stg_kantata__roles') }} as role
        on role.connection = person.connection and role.role_id = person.role_id
    left join {{ ref('kantata__tasks') }} as task
        on task.connection = adjustment.connection and task.story_id = adjustment.story_id
    left join credit_references
        on credit_references.connection = adjustment.connection
        and credit_references.subject_id = adjustment.time_adjustment_id

),

rows_of_both as (

    select * from entries
    union all
    select * from adjustments

),

claim as (

    select
        rows_of_both.*,
        {{ hours_of_minutes('minutes') }} as hours,
        case when kind = 'adjustment' then {{ time_value('minutes', 'hourly_rate', 'currency') }} end as value_amount
    from rows_of_both

)

{{ claims(
    'time_entry', 'kantata', 'PSA', 'claim.object', missing=['legal_entity_ref', 'posting_period', 'approved_period'],
    staging='stg_kantata__time_entries', staging_key='time_entry_id', stream='time_entries', keys=['time_entry_key']
) }}
