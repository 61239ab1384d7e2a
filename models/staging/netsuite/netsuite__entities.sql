{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- A document may name the customer or the project; both lead to the customer. Projects and customers share one id space.
select connection, customer_id as entity_id, customer_id, cast(null as string) as job_id, cast(null as string) as sow_number
from {{ ref('stg_netsuite__customers') }}

union all

select connection, job_id as entity_id, coalesce(customer_id, parent_id) as customer_id, job_id, sow_number
from {{ ref('stg_netsuite__jobs') }}
