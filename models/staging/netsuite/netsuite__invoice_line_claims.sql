{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Lines of invoices and credit memos without tax. Net amounts of credit lines are negative.
with claim as (

    select
        line.row_id,
        line.connection,
        line.unique_key as source_id,
        line.updated_at,
        line.connection || '/' || line.unique_key as invoice_line_key,
        line.transaction_id as invoice_ref,
        line.document_number,
        case line.transaction_type when 'CustCred' then 'credit' else 'invoice' end as kind,
        line.is_posting and not line.is_voided as is_posted,
        line.posted_on,
        line.period,
        line.line_no,
        coalesce(line.memo, item.item_name) as line_name,
        line.item_id as item_ref,
        line.job_id as project_ref,
        line.agreement_number,
        line.agreement_line_key,
        -line.foreign_amount as net_amount,
        line.currency,
        line.exchange_rate,
        line.credit_reason,
        line.credited_line_key as credited_line_ref,
        line.revenue_element_id as obligation_ref,
        line.needs_revenue_element as needs_obligation,
        line.psa_expense_id as expense_key,
        line.subsidiary_id as legal_entity_ref
    from {{ ref('netsuite__lines') }} as line
    left join {{ ref('stg_netsuite__items') }} as item
        on item.connection = line.connection and item.item_id = line.item_id
    where line.transaction_type in ('CustInvc', 'CustCred') and not line.is_main_line and not line.is_tax_line

)

{{ claims('invoice_line', 'netsuite', 'ERP', 'transactionline') }}
