-- The ERP's own number of each account, and what the account is for.
{% if is_configured('netsuite') -%}
select
    account.connection,
    account.account_number,
    account.account_id,
    {{ account_role_of('roles.account_role', 'account.account_type') }} as account_role
from {{ ref('stg_netsuite__accounts') }} as account
left join {{ ref('account_roles') }} as roles
    on cast(roles.account_number as string) = account.account_number
where not coalesce(account.is_inactive, false)
{%- else -%}
select
    cast(null as string) as connection,
    cast(null as string) as account_number,
    cast(null as string) as account_id,
    cast(null as string) as account_role
where false
{%- endif %}
