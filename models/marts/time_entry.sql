{{ config(materialized='view') }}

-- Work as the PSA recorded it. The company it is posted in, and when finance first received it, are the ERP's to say; from the
-- latter follows the month of the books.
select
    time_entry_key,
    kind,
    project_ref,
    task_ref,
    person_ref,
    role_name,
    agreement_line_key,
    work_on,
    minutes,
    hours,
    is_billable,
    state,
    approved_at,
    hourly_rate,
    cost_rate,
    currency,
    timebill_legal_entity_ref as legal_entity_ref,
    is_invoiced,
    timebill_first_posted_at as first_posted_at,
    credit_ref,
    created_at,
    value_amount,
    posting_period,
    approved_period,
    project_id,
    person_id,
    timebill_legal_entity_id as legal_entity_id,
    connection,
    'PSA' as role,
    {{ system_of('connection', 'time_entry') }} as system,
    object,
    source_id,
    row_id,
    updated_at
from {{ ref('int_time_entry__valued') }}
where claim_state = 'ok' and time_entry_key is not null
