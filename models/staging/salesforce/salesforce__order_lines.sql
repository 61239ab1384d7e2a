{{ config(enabled=is_configured('salesforce')) }}

-- What each line of each activated version adds to its agreement. Lines hold deltas; a reduction subtracts, and an
-- organisation that writes it with negative quantities must not subtract twice. The exported totals are not read: they
-- may be missing.
with lines as (

    select
        item.row_id,
        item.connection,
        item.order_item_id,
        item.order_id,
        orders.contract_id,
        contract.sow_number,
        item.line_key,
        item.workstream,
        item.billing_type,
        item.description,
        item.service_on,
        item.end_on,
        item.nte_amount,
        item.updated_at,
        orders.version_no,
        orders.is_reduction,
        coalesce(item.currency, orders.currency, contract.currency) as currency,
        item.planned_hours,
        {{ widened('item.quantity') }} * item.unit_price as exact_amount
    from {{ ref('stg_salesforce__order_items') }} as item
    inner join {{ ref('stg_salesforce__orders') }} as orders
        on orders.connection = item.connection and orders.order_id = item.order_id
    inner join {{ ref('stg_salesforce__contracts') }} as contract
        on contract.connection = orders.connection and contract.contract_id = orders.contract_id
    where
        not coalesce(item.is_deleted, false)
        and not coalesce(orders.is_deleted, false)
        and not coalesce(contract.is_deleted, false)
        and orders.status_code = 'Activated'

),

rounded as (

    select lines.*, {{ to_minor_unit('exact_amount', 'currency') }} as rounded_amount from lines

)

select
    row_id, connection, order_item_id, order_id, contract_id, sow_number, line_key, workstream, billing_type,
    description, service_on, end_on, nte_amount, updated_at, version_no, is_reduction, currency,
    case when is_reduction then -abs(rounded_amount) else rounded_amount end as delta_amount,
    case when is_reduction then -abs(planned_hours) else planned_hours end as delta_hours
from rounded
