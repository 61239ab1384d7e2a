{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'users', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as user_id,
    {{ as_text('role_id') }} as role_id,
    {{ as_text('full_name') }} as full_name,
    {{ as_text('email_address') }} as email,
    {{ as_boolean('disabled') }} as is_disabled,
    {{ as_date('created_at') }} as created_on,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
