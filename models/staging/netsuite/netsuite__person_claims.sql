{{ config(enabled=is_configured('netsuite'), materialized='view') }}

with claim as (

    select
        employee.row_id,
        employee.connection,
        employee.employee_id as source_id,
        cast(null as timestamp) as updated_at,
        concat_ws(' ', employee.first_name, employee.last_name) as person_name,
        lower(employee.email) as email,
        subsidiary.external_id as legal_entity_code,
        not coalesce(employee.is_inactive, false) as is_active
    from {{ ref('stg_netsuite__employees') }} as employee
    left join {{ ref('stg_netsuite__subsidiaries') }} as subsidiary
        on subsidiary.connection = employee.connection and subsidiary.subsidiary_id = employee.subsidiary_id

)

{{ claims(
    'person', 'netsuite', 'ERP', 'employee', missing=['role_name', 'previous_legal_entity_code', 'home_since_on', 'supplier_ref', 'supplier_name', 'joined_on', 'left_on'],
    staging='stg_netsuite__employees', staging_key='employee_id', stream='employee'
) }}
