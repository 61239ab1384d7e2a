{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- What settled an invoice: one row per invoice and payment or credit memo.
with claim as (

    select
        document.row_id,
        application.connection,
        application.invoice_id || '/' || application.document_id as source_id,
        application.updated_at,
        application.invoice_id as invoice_ref,
        application.applied_amount as paid_amount,
        document.currency,
        document.posted_on as paid_on,
        application.kind,
        application.document_id as payment_ref
    from {{ ref('netsuite__applications') }} as application
    inner join {{ ref('netsuite__documents') }} as document
        on document.connection = application.connection and document.transaction_id = application.document_id

)

{{ claims('payment', 'netsuite', 'ERP', 'nexttransactionlinelink') }}
