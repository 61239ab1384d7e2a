{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- The purchase order of a version stands on its order. Where nobody wrote down how much money it releases, it is what the
-- version adds.
with deltas as (

    select connection, order_id, sum(delta_amount) as delta_amount
    from {{ ref('salesforce__order_lines') }}
    group by connection, order_id

),

claim as (

    select
        orders.row_id,
        orders.connection,
        orders.order_id as source_id,
        orders.updated_at,
        orders.po_number as purchase_order_number,
        contract.sow_number as agreement_number,
        orders.contract_id as agreement_ref,
        orders.version_no,
        coalesce(orders.status_code = 'Activated', false) as is_signed,
        orders.po_on as ordered_on,
        coalesce(orders.po_amount, deltas.delta_amount, 0) as funded_amount,
        orders.currency
    from {{ ref('stg_salesforce__orders') }} as orders
    inner join {{ ref('stg_salesforce__contracts') }} as contract
        on contract.connection = orders.connection and contract.contract_id = orders.contract_id
    left join deltas on deltas.connection = orders.connection and deltas.order_id = orders.order_id
    where
        (orders.po_number is not null or orders.po_amount is not null)
        and not coalesce(orders.is_deleted, false) and not coalesce(contract.is_deleted, false)

)

{{ claims(
    'purchase_order', 'salesforce', 'CRM', 'Order',
    staging='stg_salesforce__orders', staging_key='order_id', stream='Order'
) }}
