{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'account_memberships', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as account_membership_id,
    {{ as_text('user_id') }} as user_id,
    {{ as_date('created_at') }} as joined_on,
    {{ as_date('disabled_at') }} as left_on
from current_rows
