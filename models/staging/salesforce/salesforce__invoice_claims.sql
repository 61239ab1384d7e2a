{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- Copies of the ERP's invoices: state and money only, no lines.
with claim as (

    select
        copy.row_id,
        copy.connection,
        copy.erp_invoice_copy_id as source_id,
        copy.updated_at,
        copy.invoice_name as document_number,
        'invoice' as kind,
        coalesce(survivor.surviving_account_id, copy.account_id) as customer_ref,
        contract.sow_number as agreement_number,
        copy.issued_on,
        copy.due_on,
        {{ period_of('copy.issued_on') }} as period,
        case lower(copy.status) when 'open' then 'open' when 'paid' then 'paid' when 'voided' then 'voided' end as state,
        copy.currency,
        copy.invoice_amount as gross_amount,
        copy.paid_amount,
        copy.credited_amount,
        copy.invoice_amount - coalesce(copy.paid_amount, 0) - coalesce(copy.credited_amount, 0) as unpaid_amount,
        copy.erp_invoice_id as invoice_ref,
        lower(copy.status) = 'voided' as is_cancelled,
        copy.created_at
    from {{ ref('stg_salesforce__erp_invoices') }} as copy
    left join {{ ref('stg_salesforce__contracts') }} as contract
        on contract.connection = copy.connection and contract.contract_id = copy.contract_id
    left join {{ ref('salesforce__account_survivors') }} as survivor
        on survivor.connection = copy.connection and survivor.account_id = copy.account_id
    where not coalesce(copy.is_deleted, false)

)

{{ claims(
    'invoice', 'salesforce', 'CRM', 'ERP_Invoice__c',
    missing=['project_ref', 'legal_entity_ref', 'is_posted', 'exchange_rate', 'net_amount', 'tax_amount', 'billing_event_key', 'credit_reason'],
    staging='stg_salesforce__erp_invoices', staging_key='erp_invoice_copy_id', stream='ERP_Invoice__c'
) }}
