{{ config(enabled=is_configured('kantata'), materialized='view') }}

with claim as (

    select
        expense.row_id,
        expense.connection,
        expense.expense_id as source_id,
        expense.updated_at,
        expense.expense_id as expense_key,
        expense.workspace_id as project_ref,
        expense.user_id as person_ref,
        expense.spent_on,
        {{ minor_units('expense.amount_minor_units', 'expense.currency_base_unit') }} as expense_amount,
        expense.currency,
        expense.category,
        expense.is_billable,
        case
            when active.status = 'approved' then 'approved'
            when recent.status = 'rejected' then 'rejected'
            when recent.status = 'new' then 'submitted'
            else 'new'
        end as state,
        case when active.status = 'approved' then active.updated_at end as approved_at,
        expense.active_submission_id as report_ref,
        active.status as report_state,
        expense.created_at
    from {{ ref('stg_kantata__expenses') }} as expense
    left join {{ ref('stg_kantata__expense_report_submissions') }} as active
        on active.connection = expense.connection and active.submission_id = expense.active_submission_id
    left join {{ ref('stg_kantata__expense_report_submissions') }} as recent
        on recent.connection = expense.connection and recent.submission_id = expense.recent_submission_id

)

{{ claims(
    'expense', 'kantata', 'PSA', 'expenses', missing=['is_posted'],
    staging='stg_kantata__expenses', staging_key='expense_id', stream='expenses', keys=['expense_key']
) }}
