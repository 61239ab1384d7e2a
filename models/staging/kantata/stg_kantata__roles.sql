{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'roles', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as role_id,
    {{ as_text('name') }} as role_name,
    {{ as_instant('deleted_at') }} as deleted_at
from current_rows
