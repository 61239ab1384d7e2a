{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- References to other systems, one row per record and service. Salesforce ids have 18 characters here whatever was typed.
select
    row_id,
    connection,
    external_reference_id,
    lower(subject_type) as subject_type,
    subject_id,
    lower(service_name) as service_name,
    service_model,
    case when lower(service_name) = 'salesforce' then {{ salesforce_id('service_model_ref') }} else service_model_ref end
        as service_model_ref,
    is_locked,
    updated_at
from {{ ref('stg_kantata__external_references') }}
where service_model_ref is not null
