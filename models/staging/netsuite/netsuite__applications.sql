{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Which payment or credit memo settles which invoice, and by how much. The vendor writes a row per pair of lines, and a
-- credit memo may stand on either side.
with links as (

    select
        connection,
        case when previous_type = 'CustInvc' then previous_transaction_id else next_transaction_id end as invoice_id,
        case when previous_type = 'CustInvc' then next_transaction_id else previous_transaction_id end as document_id,
        case when previous_type = 'CustInvc' then next_type else previous_type end as document_type,
        abs(foreign_amount) as applied_amount,
        updated_at
    from {{ ref('stg_netsuite__transaction_line_links') }}
    where link_type = 'Payment' and (previous_type = 'CustInvc' or next_type = 'CustInvc')

)

select
    links.connection,
    links.invoice_id,
    links.document_id,
    case when links.document_type = 'CustCred' then 'credit' else 'cash' end as kind,
    sum(links.applied_amount) as applied_amount,
    max(links.updated_at) as updated_at
from links
inner join {{ ref('netsuite__documents') }} as document
    on document.connection = links.connection and document.transaction_id = links.document_id
where not document.is_voided
group by links.connection, links.invoice_id, links.document_id, links.document_type
