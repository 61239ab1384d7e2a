{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- The firm's own fields of projects, one column each.
select
    connection,
    subject_id as workspace_id,
    max(case when field_name = 'SOW Number' then field_value end) as sow_number,
    max(case when field_name = 'SOW Version' then try_cast(field_value as bigint) end) as sow_version,
    max(case when field_name = 'Workstream' then field_value end) as workstream,
    max(case when field_name = 'Billing Type' then field_value end) as billing_type,
    max(case when field_name = 'NTE Amount' then try_cast(replace(field_value, ',', '') as decimal(18, 4)) end) as nte_amount,
    max(case when field_name = 'Legal Entity' then field_value end) as legal_entity_code,
    max(case when field_name = 'Project Code' then field_value end) as project_code,
    max(case when field_name = 'Practice' then field_value end) as practice,
    max(case when field_name = 'Unscheduled Hours' then try_cast(replace(field_value, ',', '') as decimal(18, 4)) end) as unscheduled_hours
from {{ ref('stg_kantata__custom_field_values') }}
where lower(subject_type) = 'workspace'
group by connection, subject_id
