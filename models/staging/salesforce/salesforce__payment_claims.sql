{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- What the copies of invoices say was paid in cash: one row per copy, no single payments.
with claim as (

    select
        row_id,
        connection,
        erp_invoice_copy_id as source_id,
        updated_at,
        erp_invoice_copy_id as invoice_ref,
        paid_amount,
        currency,
        'cash' as kind
    from {{ ref('stg_salesforce__erp_invoices') }}
    where paid_amount <> 0 and not coalesce(is_deleted, false)

)

{{ claims('payment', 'salesforce', 'CRM', 'ERP_Invoice__c', missing=['paid_on', 'payment_ref']) }}
