{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'time_adjustments', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as time_adjustment_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_text('story_id') }} as story_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_date('original_date') }} as work_on,
    {{ as_date('posted_on_date') }} as posted_on,
    {{ as_integer('time') }} as minutes,
    {{ as_integer('bill_rate_in_cents') }} as rate_minor_units,
    {{ as_integer('cost_rate_in_cents') }} as cost_rate_minor_units,
    {{ as_boolean('billable') }} as is_billable,
    {{ as_boolean('is_invoiced') }} as is_invoiced,
    {{ as_integer('currency_base_unit') }} as currency_base_unit,
    {{ as_text('currency') }} as currency,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
