{{ config(enabled=is_configured('kantata'), materialized='view') }}

with claim as (

    select
        payment.row_id,
        payment.connection,
        payment.external_payment_id as source_id,
        payment.updated_at,
        payment.invoice_id as invoice_ref,
        {{ minor_units('payment.amount_minor_units', 'copy.currency_base_unit') }} as paid_amount,
        copy.currency,
        cast(payment.created_at as date) as paid_on,
        'cash' as kind,
        payment.external_payment_id as payment_ref
    from {{ ref('stg_kantata__external_payments') }} as payment
    left join {{ ref('stg_kantata__invoices') }} as copy
        on copy.connection = payment.connection and copy.invoice_id = payment.invoice_id

)

{{ claims('payment', 'kantata', 'PSA', 'external_payments') }}
