{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'workspaces', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as workspace_id,
    {{ as_text('title') }} as title,
    {{ as_text('stage') }} as stage,
    {{ as_boolean('archived') }} as is_archived,
    {{ json_value(landed('status'), '$.message') }} as status_message,
    {{ as_date('start_date') }} as start_on,
    {{ as_date('due_date') }} as due_on,
    {{ as_integer('price_in_cents') }} as price_minor_units,
    {{ as_integer('currency_base_unit') }} as currency_base_unit,
    {{ as_text('currency') }} as currency,
    {{ as_text('primary_workspace_group_id') }} as workspace_group_id,
    {{ as_text('primary_maven_id') }} as lead_user_id,
    {{ as_text('client_role_name') }} as client_role_name,
    {{ as_boolean('require_time_approvals') }} as requires_time_approval,
    {{ as_boolean('stories_are_fixed_fee_by_default') }} as is_fixed_fee_by_default,
    {{ as_rate('percentage_complete') }} as percentage_complete,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
