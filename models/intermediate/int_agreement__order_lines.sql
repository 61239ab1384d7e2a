{{ config(materialized='table') }}

-- The latest line of an ERP's sales order for each agreement line: the one a correction of its amount changes.
{%- if is_configured('netsuite') %}
with numbered as (

    select
        *,
        row_number() over (partition by connection, agreement_line_key order by sow_version desc, line_no desc) as newest
    from {{ ref('netsuite__lines') }}
    where
        transaction_type = 'SalesOrd' and not is_main_line and not is_tax_line and not is_voided
        and agreement_line_key is not null

)

select
    connection,
    agreement_line_key,
    transaction_id as order_ref,
    line_id as order_line_no,
    transaction_id || '/' || line_id as order_line_id,
    cast(-foreign_amount as decimal(18, 4)) as order_line_amount,
    cast(-quantity as decimal(18, 8)) as order_line_quantity
from numbered
where newest = 1
{%- else %}
select
    cast(null as string) as connection,
    cast(null as string) as agreement_line_key,
    cast(null as string) as order_ref,
    cast(null as string) as order_line_no,
    cast(null as string) as order_line_id,
    cast(null as decimal(18, 4)) as order_line_amount,
    cast(null as decimal(18, 8)) as order_line_quantity
where false
{%- endif %}
