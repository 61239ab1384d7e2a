{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'billing_milestones', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as billing_milestone_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_text('story_id') }} as story_id,
    {{ as_text('title') }} as title,
    {{ as_integer('amount_in_cents') }} as amount_minor_units,
    {{ as_text('currency') }} as currency,
    {{ as_text('billing_type') }} as billing_type,
    {{ as_date('date_to_invoice') }} as invoice_on,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
