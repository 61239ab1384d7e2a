{{ config(enabled=is_configured('netsuite')) }}

-- Lines of all transactions with their header, and the agreement each belongs to. The order in which an agreement is
-- looked for: the arrangement the line is tagged with, the arrangement it was created from, its revenue element, its own
-- line key, the order line it bills, the invoice line it credits, its header, its project.
with bill_links as (

    select
        link.connection,
        link.next_transaction_id,
        link.next_line_id,
        max(order_line.line_key) as line_key,
        max(order_header.sow_number) as sow_number
    from {{ ref('stg_netsuite__transaction_line_links') }} as link
    inner join {{ ref('netsuite__documents') }} as order_header
        on order_header.connection = link.connection and order_header.transaction_id = link.previous_transaction_id
    left join {{ ref('stg_netsuite__transaction_lines') }} as order_line
        on order_line.connection = link.connection
        and order_line.transaction_id = link.previous_transaction_id
        and order_line.line_id = link.previous_line_id
    where link.link_type = 'OrdBill'
    group by link.connection, link.next_transaction_id, link.next_line_id

)

select
    line.row_id,
    line.connection,
    line.transaction_id,
    line.line_id,
    line.unique_key,
    line.line_no,
    coalesce(line.is_main_line, false) as is_main_line,
    coalesce(line.is_tax_line, false) as is_tax_line,
    header.transaction_type,
    header.document_number,
    header.currency,
    header.exchange_rate,
    header.is_posting,
    header.is_voided,
    header.status as header_status,
    header.posted_on,
    header.period,
    header.credit_reason,
    header.created_at,
    line.item_id,
    coalesce(line.subsidiary_id, header.subsidiary_id) as subsidiary_id,
    coalesce(line_entity.job_id, header.job_id) as job_id,
    line.quantity,
    line.foreign_amount,
    line.revenue_element_id,
    line.needs_revenue_element,
    line.is_billable,
    line.memo,
    line.sf_order_item_id,
    line.sow_version,
    line.billing_type,
    line.psa_expense_id,
    line.credited_line_key,
    coalesce(line.revenue_arrangement_id, created_from.revenue_arrangement_id) as revenue_arrangement_id,
    coalesce(line.line_key, element.line_key, bill_links.line_key, credited.line_key, credited_element.line_key)
        as agreement_line_key,
    coalesce(
        tagged.sow_number,
        created_from.sow_number,
        element.sow_number,
        {{ agreement_number_of('line.line_key') }},
        bill_links.sow_number,
        credited_element.sow_number,
        {{ agreement_number_of('credited.line_key') }},
        header.sow_number,
        line_entity.sow_number
    ) as agreement_number,
    line.updated_at
from {{ ref('stg_netsuite__transaction_lines') }} as line
inner join {{ ref('netsuite__documents') }} as header
    on header.connection = line.connection and header.transaction_id = line.transaction_id
left join {{ ref('netsuite__entities') }} as line_entity
    on line_entity.connection = line.connection and line_entity.entity_id = line.entity_id
left join {{ ref('netsuite__arrangements') }} as tagged
    on tagged.connection = line.connection and tagged.revenue_arrangement_id = line.revenue_arrangement_id
left join {{ ref('netsuite__arrangements') }} as created_from
    on created_from.connection = line.connection and created_from.revenue_arrangement_id = line.created_from_id
left join {{ ref('netsuite__elements') }} as element
    on element.connection = line.connection and element.revenue_element_id = line.revenue_element_id
left join bill_links
    on bill_links.connection = line.connection
    and bill_links.next_transaction_id = line.transaction_id
    and bill_links.next_line_id = line.line_id
left join {{ ref('stg_netsuite__transaction_lines') }} as credited
    on credited.connection = line.connection and credited.unique_key = line.credited_line_key
left join {{ ref('netsuite__elements') }} as credited_element
    on credited_element.connection = credited.connection
    and credited_element.revenue_element_id = credited.revenue_element_id
