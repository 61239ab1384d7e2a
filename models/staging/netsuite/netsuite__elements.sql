{{ config(enabled=is_configured('netsuite')) }}

-- Obligations with the line and number of the agreement they belong to: by the element's own line key, else the order
-- line that made it, else the order its label names, else what it returns, else its project.
with source_lines as (

    select
        line.connection,
        line.revenue_element_id,
        max(case when header.transaction_type = 'SalesOrd' then line.line_key end) as line_key,
        max(case when header.transaction_type = 'SalesOrd' then header.sow_number end) as sow_number,
        max(case when header.transaction_type = 'SalesOrd' then line.sow_version end) as sow_version,
        min(case when header.transaction_type = 'CustCred' then line.unique_key end) as credit_line_key
    from {{ ref('stg_netsuite__transaction_lines') }} as line
    inner join {{ ref('netsuite__documents') }} as header
        on header.connection = line.connection and header.transaction_id = line.transaction_id
    where line.revenue_element_id is not null
    group by line.connection, line.revenue_element_id

),

orders_by_number as (

    select connection, document_number, max(sow_number) as sow_number
    from {{ ref('netsuite__documents') }}
    where transaction_type = 'SalesOrd'
    group by connection, document_number

),

known as (

    select
        element.*,
        coalesce(element.line_key, source_lines.line_key) as known_line_key,
        coalesce(
            {{ agreement_number_of('element.line_key') }},
            {{ agreement_number_of('source_lines.line_key') }},
            source_lines.sow_number,
            orders_by_number.sow_number
        ) as known_sow_number,
        source_lines.sow_version,
        source_lines.credit_line_key,
        entity.sow_number as job_sow_number
    from {{ ref('stg_netsuite__revenue_elements') }} as element
    left join source_lines
        on source_lines.connection = element.connection
        and source_lines.revenue_element_id = element.revenue_element_id
    left join orders_by_number
        on orders_by_number.connection = element.connection
        and orders_by_number.document_number = split_part(element.source_label, '#', 2)
    left join {{ ref('netsuite__entities') }} as entity
        on entity.connection = element.connection and entity.entity_id = element.entity_id

)

select
    known.row_id,
    known.connection,
    known.revenue_element_id,
    known.revenue_arrangement_id,
    known.accounting_book_id,
    known.source_label,
    known.item_id,
    item.item_name,
    coalesce(known.known_line_key, returned.known_line_key) as line_key,
    coalesce(known.known_sow_number, returned.known_sow_number, known.job_sow_number, returned.job_sow_number) as sow_number,
    known.sow_version,
    known.subsidiary_id,
    currency.currency,
    known.exchange_rate,
    known.allocation_amount,
    {{ revenue_method_of('known.revenue_recognition_rule') }} as method,
    known.start_on,
    known.end_on,
    known.recognition_account_id,
    known.needs_plan_update,
    known.is_rpo_exempt,
    known.returned_element_id,
    known.credit_line_key,
    known.updated_at
from known
left join known as returned
    on returned.connection = known.connection and returned.revenue_element_id = known.returned_element_id
left join {{ ref('stg_netsuite__currencies') }} as currency
    on currency.connection = known.connection and currency.currency_id = known.currency_id
left join {{ ref('stg_netsuite__items') }} as item
    on item.connection = known.connection and item.item_id = known.item_id
