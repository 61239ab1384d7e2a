{{ config(enabled=is_configured('netsuite')) }}

-- Headers of all transactions with their currency, month, legal entity, customer and project.
with subsidiaries as (

    select connection, transaction_id, min(subsidiary_id) as subsidiary_id
    from {{ ref('stg_netsuite__transaction_lines') }}
    group by connection, transaction_id

)

select
    header.row_id,
    header.connection,
    header.transaction_id,
    header.transaction_type,
    header.document_number,
    header.external_id,
    header.entity_id,
    coalesce(entity.customer_id, header.entity_id) as customer_id,
    entity.job_id,
    currency.currency,
    header.exchange_rate,
    header.total_amount,
    header.unpaid_amount,
    substr(header.status, length(header.status), 1) as status,
    coalesce(header.is_posting, false) as is_posting,
    coalesce(header.is_voided, false) as is_voided,
    period.period,
    subsidiaries.subsidiary_id,
    header.memo,
    header.is_reversal,
    coalesce(header.reversal_id, header.reverses_id) as reversal_ref,
    header.sow_number,
    header.sow_version,
    header.nte_amount,
    header.sf_contract_id,
    header.other_reference,
    header.billing_event_key,
    header.credit_reason,
    header.posted_on,
    header.due_on,
    header.created_at,
    header.updated_at
from {{ ref('stg_netsuite__transactions') }} as header
left join subsidiaries
    on subsidiaries.connection = header.connection and subsidiaries.transaction_id = header.transaction_id
left join {{ ref('netsuite__entities') }} as entity
    on entity.connection = header.connection and entity.entity_id = header.entity_id
left join {{ ref('stg_netsuite__currencies') }} as currency
    on currency.connection = header.connection and currency.currency_id = header.currency_id
left join {{ ref('netsuite__periods') }} as period
    on period.connection = header.connection and period.accounting_period_id = header.accounting_period_id
