{{ config(materialized='table') }}

-- The lines of each signed version as the CRM has them, with the item the ERP sells such lines as.
{%- if is_configured('salesforce') %}
with sold as (

    {%- if is_configured('netsuite') %}
    select {{ billing_type_of('billing_type') }} as billing_type, max(item_id) as item_ref
    from {{ ref('netsuite__lines') }}
    where transaction_type = 'SalesOrd' and not is_main_line and not is_tax_line and billing_type is not null
    group by {{ billing_type_of('billing_type') }}
    {%- else %}
    select cast(null as string) as billing_type, cast(null as string) as item_ref where false
    {%- endif %}

)

select
    line.row_id,
    line.connection,
    'OrderItem' as object,
    line.order_item_id as source_id,
    agreement.agreement_id,
    line.sow_number as agreement_number,
    line.version_no,
    line.line_key as agreement_line_key,
    line.workstream,
    line.billing_type as billing_label,
    {{ billing_type_of('line.billing_type') }} as billing_type,
    line.description as line_name,
    line.delta_amount,
    line.delta_hours,
    line.nte_amount as cap_amount,
    line.currency,
    line.service_on as start_on,
    line.end_on,
    item.quantity,
    item.unit_price,
    item.standalone_amount,
    line.is_reduction,
    sold.item_ref
from {{ ref('salesforce__order_lines') }} as line
inner join {{ ref('stg_salesforce__order_items') }} as item
    on item.connection = line.connection and item.order_item_id = line.order_item_id
left join {{ ref('int_agreement__keys') }} as agreement on agreement.agreement_number = line.sow_number
left join sold on sold.billing_type = {{ billing_type_of('line.billing_type') }}
{%- else %}
select
    cast(null as bigint) as row_id,
    cast(null as string) as connection,
    cast(null as string) as object,
    cast(null as string) as source_id,
    cast(null as string) as agreement_id,
    cast(null as string) as agreement_number,
    cast(null as integer) as version_no,
    cast(null as string) as agreement_line_key,
    cast(null as string) as workstream,
    cast(null as string) as billing_label,
    cast(null as string) as billing_type,
    cast(null as string) as line_name,
    cast(null as decimal(18, 4)) as delta_amount,
    cast(null as decimal(18, 8)) as delta_hours,
    cast(null as decimal(18, 4)) as cap_amount,
    cast(null as string) as currency,
    cast(null as date) as start_on,
    cast(null as date) as end_on,
    cast(null as decimal(18, 4)) as quantity,
    cast(null as decimal(18, 4)) as unit_price,
    cast(null as decimal(18, 4)) as standalone_amount,
    cast(null as boolean) as is_reduction,
    cast(null as string) as item_ref
where false
{%- endif %}
