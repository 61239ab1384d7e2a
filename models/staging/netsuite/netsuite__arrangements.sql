{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Revenue arrangements and the agreement each is for: that of its elements.
with numbers as (

    select connection, revenue_arrangement_id, min(sow_number) as sow_number
    from {{ ref('netsuite__elements') }}
    group by connection, revenue_arrangement_id

),

arrangements as (

    select connection, revenue_arrangement_id from {{ ref('stg_netsuite__revenue_arrangements') }}
    union
    select connection, revenue_arrangement_id from numbers where revenue_arrangement_id is not null

)

select
    arrangements.connection,
    arrangements.revenue_arrangement_id,
    numbers.sow_number
from arrangements
left join numbers
    on numbers.connection = arrangements.connection
    and numbers.revenue_arrangement_id = arrangements.revenue_arrangement_id
