{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'job', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as job_id,
    {{ as_text('entityid') }} as job_number,
    {{ as_text('externalid') }} as external_id,
    {{ as_text('companyname') }} as job_name,
    {{ as_text('customer') }} as customer_id,
    {{ as_text('parent') }} as parent_id,
    {{ as_text('currency') }} as currency_id,
    {{ as_text('jobbillingtype') }} as job_billing_type,
    {{ as_amount('jobprice') }} as price_amount,
    {{ as_date('startdate') }} as start_on,
    {{ as_date('enddate') }} as end_on,
    {{ as_date('projectedenddate') }} as projected_end_on,
    {{ as_rate('percentcomplete') }} as percentage_complete,
    {{ as_text('entitystatus') }} as status,
    {{ as_text('custentity_psa_project_id') }} as psa_project_id,
    {{ as_text('custentity_practice') }} as classification_id,
    {{ as_text('custentity_sow_number') }} as sow_number,
    {{ as_text('custentity_billing_type') }} as billing_type,
    {{ as_text('custentity_entity') }} as subsidiary_id,
    {{ as_boolean('isinactive') }} as is_inactive,
    {{ as_local_instant('datecreated') }} as created_at,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
