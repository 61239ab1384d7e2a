{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'workspace_groups', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as workspace_group_id,
    {{ as_text('name') }} as group_name,
    {{ as_boolean('company') }} as is_company,
    {{ as_text('website') }} as website,
    {{ as_text('address') }} as address,
    {{ as_text('email') }} as email,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
