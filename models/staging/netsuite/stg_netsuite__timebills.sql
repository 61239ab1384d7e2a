{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- A view: millions of rows are read a few times, each time a few columns, which costs less than writing them all once more.

with current_rows as (

    {{ current_rows('netsuite', 'timebill', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as timebill_id,
    {{ as_text('externalid') }} as external_id,
    {{ as_text('custcol_psa_time_entry_id') }} as psa_time_entry_id,
    {{ as_text('employee') }} as employee_id,
    {{ as_text('customer') }} as job_id,
    {{ as_text('casetaskevent') }} as task_id,
    {{ as_text('item') }} as item_id,
    {{ as_text('subsidiary') }} as subsidiary_id,
    {{ as_text('class') }} as classification_id,
    {{ as_hours('hours') }} as hours,
    {{ as_rate('rate') }} as hourly_rate,
    {{ as_date('trandate') }} as work_on,
    {{ as_boolean('isbillable') }} as is_billable,
    {{ as_text('approvalstatus') }} as approval_status,
    {{ as_text('timetype') }} as time_type,
    {{ as_local_instant('createddate') }} as created_at,
    {{ as_local_instant('custcol_first_posted_on') }} as first_posted_at,
    {{ as_local_instant('custcol_psa_updated_at') }} as psa_updated_at,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
