{{ config(materialized='table') }}

-- Copies of invoices in the CRM and the PSA, each with the invoice of the ERP it is of. A copy names it by the id the ERP gave it,
-- which another ERP may have given to one of its own: of those the one of the copy's customer and number is meant.
-- What a copy says was billed counts without the tax of its invoice.
with invoices as (

    select * from {{ ref('int_invoice__claims') }} where claim_state = 'ok'

)

select
    copy.row_id,
    copy.connection,
    copy.role,
    copy.object,
    copy.source_id,
    original.connection as invoice_connection,
    copy.invoice_ref,
    copy.agreement_id,
    copy.customer_id,
    copy.period,
    copy.state,
    copy.currency,
    copy.credited_amount,
    cast(
        coalesce(
            {{ share_of('(copy.gross_amount - coalesce(copy.credited_amount, 0))', 'original.net_amount', 'original.gross_amount') }},
            copy.gross_amount - coalesce(copy.credited_amount, 0)
        ) as decimal(18, 4)
    ) as billed_amount
from invoices as copy
left join invoices as original on original.role = 'ERP' and original.source_id = copy.invoice_ref
where copy.role in ('CRM', 'PSA')
qualify
    row_number() over (
        partition by copy.connection, copy.object, copy.source_id
        order by
            case when original.customer_id = copy.customer_id then 0 else 1 end
            + case when original.document_number = copy.document_number then 0 else 1 end,
            original.connection
    ) = 1
