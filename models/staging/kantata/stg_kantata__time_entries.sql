{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- A view: millions of rows are read a few times, each time a few columns, which costs less than writing them all once more.

with current_rows as (

    {{ current_rows('kantata', 'time_entries', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as time_entry_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_text('story_id') }} as story_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_text('role_id') }} as role_id,
    {{ as_text('invoice_id') }} as invoice_id,
    {{ as_text('active_submission_id') }} as active_submission_id,
    {{ as_text('recent_submission_id') }} as recent_submission_id,
    {{ as_date('date_performed') }} as work_on,
    {{ as_integer('time_in_minutes') }} as minutes,
    {{ as_boolean('billable') }} as is_billable,
    {{ as_boolean('approved') }} as is_approved,
    {{ as_boolean('is_invoiced') }} as is_invoiced,
    {{ as_integer('rate_in_cents') }} as rate_minor_units,
    {{ as_integer('cost_rate_in_cents') }} as cost_rate_minor_units,
    {{ as_integer('currency_base_unit') }} as currency_base_unit,
    {{ as_text('currency') }} as currency,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
