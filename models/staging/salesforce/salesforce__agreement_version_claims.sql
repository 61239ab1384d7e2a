{{ config(enabled=is_configured('salesforce'), materialized='view') }}

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
        contract.sow_number as agreement_number,
        orders.contract_id as agreement_ref,
        orders.version_no,
        case when orders.is_reduction then 'reduction' when orders.version_no = 1 then 'original' else 'amendment' end as kind,
        coalesce(orders.status_code = 'Activated', false) as is_signed,
        orders.signed_on,
        orders.activated_at,
        coalesce(deltas.delta_amount, 0) as delta_amount,
        orders.currency,
        orders.order_type as movement_label,
        {{ movement_cause_of('orders.order_type') }} as movement_cause
    from {{ ref('stg_salesforce__orders') }} as orders
    inner join {{ ref('stg_salesforce__contracts') }} as contract
        on contract.connection = orders.connection and contract.contract_id = orders.contract_id
    left join deltas on deltas.connection = orders.connection and deltas.order_id = orders.order_id
    where not coalesce(orders.is_deleted, false) and not coalesce(contract.is_deleted, false)

)

{{ claims(
    'agreement_version', 'salesforce', 'CRM', 'Order',
    staging='stg_salesforce__orders', staging_key='order_id', stream='Order'
) }}
