{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- The firm's own fields of people, one column each.
select
    connection,
    subject_id as user_id,
    max(case when field_name = 'Home Entity' then field_value end) as legal_entity_code,
    max(case when field_name = 'Previous Home Entity' then field_value end) as previous_legal_entity_code,
    max(case when field_name = 'Home Entity Since' then try_cast(substr(field_value, 1, 10) as date) end) as home_since_on,
    max(case when field_name = 'Supplier' then field_value end) as supplier_ref,
    max(case when field_name = 'Supplier' then coalesce(display_value, field_value) end) as supplier_name
from {{ ref('stg_kantata__custom_field_values') }}
where lower(subject_type) = 'user'
group by connection, subject_id
