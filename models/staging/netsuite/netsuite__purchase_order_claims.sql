{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- A sales order has room for one number of the customer's: the one that is printed on its invoices.
with claim as (

    select
        header.row_id,
        header.connection,
        header.transaction_id as source_id,
        header.updated_at,
        header.other_reference as purchase_order_number,
        header.sow_number as agreement_number,
        header.transaction_id as agreement_ref,
        header.currency
    from {{ ref('netsuite__documents') }} as header
    where header.transaction_type = 'SalesOrd' and not header.is_voided and header.other_reference is not null

)

{{ claims(
    'purchase_order', 'netsuite', 'ERP', 'transaction', missing=['version_no', 'is_signed', 'ordered_on', 'funded_amount']
) }}
