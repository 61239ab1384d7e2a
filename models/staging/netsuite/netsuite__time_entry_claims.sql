{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Actual time only. The key is the PSA's id, kept in a column of its own, else in the external id. Only approved time is sent, so that
-- the last change of an entry before it was sent is its approval.
with claim as (

    select
        timebill.row_id,
        timebill.connection,
        timebill.timebill_id as source_id,
        timebill.updated_at,
        coalesce(
            timebill.psa_time_entry_id,
            {{ without_prefix('timebill.external_id', 'KAN-TE-') }},
            {{ without_prefix('timebill.external_id', 'TE-') }}
        ) as time_entry_key,
        'actual' as kind,
        timebill.job_id as project_ref,
        timebill.task_id as task_ref,
        timebill.employee_id as person_ref,
        timebill.work_on,
        cast(round(timebill.hours * 60, 0) as bigint) as minutes,
        timebill.hours,
        timebill.is_billable,
        case timebill.approval_status when '3' then 'approved' when '4' then 'rejected' when '2' then 'submitted' else 'new' end
            as state,
        timebill.psa_updated_at as approved_at,
        timebill.hourly_rate,
        timebill.subsidiary_id as legal_entity_ref,
        coalesce(timebill.first_posted_at, timebill.created_at) as first_posted_at,
        timebill.created_at
    from {{ ref('stg_netsuite__timebills') }} as timebill
    where timebill.time_type = 'A'

)

{{ claims(
    'time_entry', 'netsuite', 'ERP', 'timebill',
    missing=[
        'role_name', 'agreement_line_key', 'cost_rate', 'currency', 'is_invoiced', 'credit_ref', 'value_amount', 'posting_period',
        'approved_period',
    ],
    staging='stg_netsuite__timebills', staging_key='timebill_id', stream='timebill'
) }}
