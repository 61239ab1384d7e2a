{{ config(enabled=is_configured('netsuite'), materialized='view') }}

with claim as (

    select
        job.row_id,
        job.connection,
        job.job_id as source_id,
        job.updated_at,
        job.job_number as project_code,
        job.job_name as project_name,
        coalesce(job.customer_id, job.parent_id) as customer_ref,
        job.sow_number as agreement_number,
        {{ billing_type_of('job.billing_type') }} as billing_type,
        case when job.is_inactive then 'archived' else 'active' end as state,
        not coalesce(job.is_inactive, false) as is_active,
        job.price_amount as budget_amount,
        currency.currency,
        class.classification_name as practice,
        subsidiary.external_id as legal_entity_code,
        job.start_on,
        coalesce(job.end_on, job.projected_end_on) as end_on,
        coalesce(job.psa_project_id, {{ without_prefix('job.external_id', 'KAN-') }}) as psa_project_ref,
        job.created_at
    from {{ ref('stg_netsuite__jobs') }} as job
    left join {{ ref('stg_netsuite__currencies') }} as currency
        on currency.connection = job.connection and currency.currency_id = job.currency_id
    left join {{ ref('stg_netsuite__classifications') }} as class
        on class.connection = job.connection and class.classification_id = job.classification_id
    left join {{ ref('stg_netsuite__subsidiaries') }} as subsidiary
        on subsidiary.connection = job.connection and subsidiary.subsidiary_id = job.subsidiary_id

)

{{ claims(
    'project', 'netsuite', 'ERP', 'job',
    missing=['agreement_ref', 'opportunity_ref', 'workstream', 'cap_amount', 'version_no', 'requires_time_approval'],
    staging='stg_netsuite__jobs', staging_key='job_id', stream='job'
) }}
