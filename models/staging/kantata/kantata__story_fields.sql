{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- The firm's own fields of tasks, one column each.
select
    connection,
    subject_id as story_id,
    max(case when field_name = 'SOW Line' then field_value end) as sow_line,
    max(case when field_name = 'Accepted On' then try_cast(substr(field_value, 1, 10) as date) end) as accepted_on
from {{ ref('stg_kantata__custom_field_values') }}
where lower(subject_type) = 'story'
group by connection, subject_id
