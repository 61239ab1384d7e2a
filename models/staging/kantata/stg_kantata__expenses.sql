{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'expenses', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as expense_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_text('story_id') }} as story_id,
    {{ as_text('active_submission_id') }} as active_submission_id,
    {{ as_text('recent_submission_id') }} as recent_submission_id,
    {{ as_date('date') }} as spent_on,
    {{ as_text('category') }} as category,
    {{ as_integer('amount_in_cents') }} as amount_minor_units,
    {{ as_integer('currency_base_unit') }} as currency_base_unit,
    {{ as_text('currency') }} as currency,
    {{ as_boolean('is_billable') }} as is_billable,
    {{ as_boolean('is_invoiced') }} as is_invoiced,
    {{ as_boolean('reimbursable') }} as is_reimbursable,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
