{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'transaction', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as transaction_id,
    {{ as_text('type') }} as transaction_type,
    {{ as_text('tranid') }} as document_number,
    {{ as_text('externalid') }} as external_id,
    {{ as_text('entity') }} as entity_id,
    {{ as_text('currency') }} as currency_id,
    {{ as_rate('exchangerate') }} as exchange_rate,
    {{ as_amount('foreigntotal') }} as total_amount,
    {{ as_amount('foreignamountpaid') }} as paid_amount,
    {{ as_amount('foreignamountunpaid') }} as unpaid_amount,
    {{ as_text('status') }} as status,
    {{ as_text('approvalstatus') }} as approval_status,
    {{ as_boolean('posting') }} as is_posting,
    {{ as_text('postingperiod') }} as accounting_period_id,
    {{ as_boolean('voided') }} as is_voided,
    {{ as_text('memo') }} as memo,
    {{ as_text('otherrefnum') }} as other_reference,
    {{ as_boolean('isreversal') }} as is_reversal,
    {{ as_text('reversal') }} as reversal_id,
    {{ as_date('reversaldate') }} as reversed_on,
    {{ as_text('createdby') }} as created_by,
    {{ as_text('custbody_sow_number') }} as sow_number,
    {{ as_integer('custbody_sow_version') }} as sow_version,
    {{ as_amount('custbody_nte_amount') }} as nte_amount,
    {{ as_salesforce_id('custbody_sf_contract_id') }} as sf_contract_id,
    {{ as_text('custbody_billing_event_key') }} as billing_event_key,
    {{ as_text('custbody_credit_reason') }} as credit_reason,
    {{ as_text('custbody_reverses') }} as reverses_id,
    {{ as_date('trandate') }} as posted_on,
    {{ as_date('duedate') }} as due_on,
    {{ as_date('closedate') }} as closed_on,
    {{ as_local_instant('createddate') }} as created_at,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
