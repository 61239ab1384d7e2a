{{ config(materialized='table') }}

-- Lines of posted documents with the ERP's own numbers of what they are posted to, as a journal that undoes them must name it.
{% if is_configured('netsuite') -%}
select
    posting.connection,
    posting.transaction_id as document_ref,
    header.transaction_type as document_type,
    header.document_number,
    header.external_id,
    header.posted_on,
    header.created_at,
    line.line_no,
    posting.line_id,
    account.account_id,
    account.account_number,
    header.currency_id,
    header.exchange_rate,
    line.subsidiary_id,
    line.counterparty_subsidiary_id,
    line.entity_id,
    coalesce(line.supplier_id, case when header.transaction_type like 'Vend%' then header.entity_id end) as supplier_ref,
    coalesce(line.revenue_arrangement_id, source.revenue_arrangement_id) as arrangement_ref,
    source.revenue_arrangement_id as source_ref,
    line.foreign_amount as document_amount
from {{ ref('stg_netsuite__transaction_accounting_lines') }} as posting
inner join {{ ref('stg_netsuite__transactions') }} as header
    on header.connection = posting.connection and header.transaction_id = posting.transaction_id
inner join {{ ref('stg_netsuite__transaction_lines') }} as line
    on line.connection = posting.connection
    and line.transaction_id = posting.transaction_id
    and line.line_id = posting.line_id
left join {{ ref('stg_netsuite__revenue_arrangements') }} as source
    on source.connection = line.connection and source.revenue_arrangement_id = line.created_from_id
left join {{ ref('stg_netsuite__accounts') }} as account
    on account.connection = posting.connection and account.account_id = posting.account_id
where posting.is_posting and {{ book_of('posting.accounting_book_id') }} = 'primary'
{%- else -%}
select
    cast(null as string) as connection,
    cast(null as string) as document_ref,
    cast(null as string) as document_type,
    cast(null as string) as document_number,
    cast(null as string) as external_id,
    cast(null as date) as posted_on,
    cast(null as timestamp) as created_at,
    cast(null as integer) as line_no,
    cast(null as string) as line_id,
    cast(null as string) as account_id,
    cast(null as string) as account_number,
    cast(null as string) as currency_id,
    cast(null as decimal(18, 6)) as exchange_rate,
    cast(null as string) as subsidiary_id,
    cast(null as string) as counterparty_subsidiary_id,
    cast(null as string) as entity_id,
    cast(null as string) as supplier_ref,
    cast(null as string) as arrangement_ref,
    cast(null as string) as source_ref,
    cast(null as decimal(18, 4)) as document_amount
where false
{%- endif %}
