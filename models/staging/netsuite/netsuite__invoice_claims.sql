{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Invoices and credit memos. Amounts of a credit memo are negative. Cash is what payments settled; credits applied are apart.
with amounts as (

    select
        connection,
        transaction_id,
        -sum(case when not is_main_line and not is_tax_line then foreign_amount else 0 end) as net_amount,
        -sum(case when not is_main_line and is_tax_line then foreign_amount else 0 end) as tax_amount,
        case when count(distinct case when not is_main_line then job_id end) = 1 then max(case when not is_main_line then job_id end) end
            as job_id,
        case when count(distinct case when not is_main_line and not is_tax_line then agreement_number end) = 1
            then max(case when not is_main_line and not is_tax_line then agreement_number end)
        end as agreement_number
    from {{ ref('netsuite__lines') }}
    where transaction_type in ('CustInvc', 'CustCred')
    group by connection, transaction_id

),

settled as (

    select
        connection,
        invoice_id,
        sum(case when kind = 'cash' then applied_amount else 0 end) as paid_amount,
        sum(case when kind = 'credit' then applied_amount else 0 end) as credited_amount
    from {{ ref('netsuite__applications') }}
    group by connection, invoice_id

),

claim as (

    select
        header.row_id,
        header.connection,
        header.transaction_id as source_id,
        header.updated_at,
        header.document_number,
        case header.transaction_type when 'CustCred' then 'credit' else 'invoice' end as kind,
        header.customer_id as customer_ref,
        coalesce(header.job_id, amounts.job_id) as project_ref,
        coalesce(header.sow_number, amounts.agreement_number) as agreement_number,
        header.subsidiary_id as legal_entity_ref,
        header.posted_on as issued_on,
        header.due_on,
        header.period,
        case
            when header.is_voided or header.status = 'V' then 'voided'
            when not header.is_posting or header.status = 'D' then 'draft'
            when header.status = 'B' and header.transaction_type = 'CustCred' then 'applied'
            when header.status = 'B' then 'paid'
            else 'open'
        end as state,
        header.is_posting and not header.is_voided as is_posted,
        header.currency,
        header.exchange_rate,
        amounts.net_amount,
        amounts.tax_amount,
        amounts.net_amount + amounts.tax_amount as gross_amount,
        coalesce(settled.paid_amount, 0) as paid_amount,
        coalesce(settled.credited_amount, 0) as credited_amount,
        header.unpaid_amount,
        header.billing_event_key,
        header.credit_reason,
        header.transaction_id as invoice_ref,
        header.is_voided as is_cancelled,
        header.created_at
    from {{ ref('netsuite__documents') }} as header
    left join amounts on amounts.connection = header.connection and amounts.transaction_id = header.transaction_id
    left join settled on settled.connection = header.connection and settled.invoice_id = header.transaction_id
    where header.transaction_type in ('CustInvc', 'CustCred')

)

{{ claims(
    'invoice', 'netsuite', 'ERP', 'transaction',
    staging='stg_netsuite__transactions', staging_key='transaction_id'
) }}
