{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- Copies of the ERP's invoices. They have a balance and no total.
with invoice_references as (

    select connection, subject_id, min(service_model_ref) as invoice_id
    from {{ ref('kantata__references') }}
    where subject_type = 'invoice' and service_name = 'netsuite'
    group by connection, subject_id

),

payments as (

    select connection, invoice_id, sum(amount_minor_units) as paid_minor_units
    from {{ ref('stg_kantata__external_payments') }}
    group by connection, invoice_id

),

claim as (

    select
        copy.row_id,
        copy.connection,
        copy.invoice_id as source_id,
        copy.updated_at,
        copy.invoice_number as document_number,
        'invoice' as kind,
        project.workspace_group_id as customer_ref,
        copy.workspace_id as project_ref,
        project.sow_number as agreement_number,
        copy.issued_on,
        copy.due_on,
        {{ period_of('copy.issued_on') }} as period,
        case
            when copy.status = 'cancelled' then 'voided'
            when copy.status = 'accepted payment' then 'paid'
            when copy.is_draft then 'draft'
            else 'open'
        end as state,
        copy.currency,
        coalesce({{ minor_units('payments.paid_minor_units', 'copy.currency_base_unit') }}, 0) as paid_amount,
        {{ minor_units('copy.balance_minor_units', 'copy.currency_base_unit') }} as unpaid_amount,
        invoice_references.invoice_id as invoice_ref,
        coalesce(copy.status = 'cancelled', false) as is_cancelled,
        copy.created_at
    from {{ ref('stg_kantata__invoices') }} as copy
    left join {{ ref('kantata__projects') }} as project
        on project.connection = copy.connection and project.workspace_id = copy.workspace_id
    left join invoice_references
        on invoice_references.connection = copy.connection and invoice_references.subject_id = copy.invoice_id
    left join payments on payments.connection = copy.connection and payments.invoice_id = copy.invoice_id

)

{{ claims(
    'invoice', 'kantata', 'PSA', 'invoices',
    missing=[
        'legal_entity_ref', 'is_posted', 'exchange_rate', 'net_amount', 'tax_amount', 'gross_amount', 'credited_amount',
        'billing_event_key', 'credit_reason',
    ],
    staging='stg_kantata__invoices', staging_key='invoice_id', stream='invoices'
) }}
