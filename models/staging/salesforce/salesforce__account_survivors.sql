{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- A merged account names its master; the master may have been merged later. Five steps are followed.
with accounts as (

    select connection, account_id, master_record_id from {{ ref('stg_salesforce__accounts') }}

)

select
    account.connection,
    account.account_id,
    coalesce(
        fifth.account_id, fourth.account_id, third.account_id, second.account_id, first.account_id, account.account_id
    ) as surviving_account_id
from accounts as account
left join accounts as first on first.connection = account.connection and first.account_id = account.master_record_id
left join accounts as second on second.connection = account.connection and second.account_id = first.master_record_id
left join accounts as third on third.connection = account.connection and third.account_id = second.master_record_id
left join accounts as fourth on fourth.connection = account.connection and fourth.account_id = third.master_record_id
left join accounts as fifth on fifth.connection = account.connection and fifth.account_id = fourth.master_record_id
