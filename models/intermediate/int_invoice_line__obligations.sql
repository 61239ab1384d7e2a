{{ config(materialized='table') }}

-- Posted lines of invoices and credit memos, each with the obligation it bills or takes back: the one it names; for an
-- invoice line that names none, that of its agreement line; for a credit, that of the line it credits. A credit typed
-- free-hand and a line added by hand have none: no revenue stands against them. `is_named` tells the obligations that the
-- ledger knows of.
with lines as (

    select * from {{ ref('int_invoice_line__claims') }} where claim_state = 'ok'

),

obligations as (

    select * from {{ ref('int_obligation__claims') }} where claim_state = 'ok' and book = 'primary'

),

by_line as (

    select connection, agreement_line_key, min(source_id) as obligation_ref
    from obligations
    where not is_return and agreement_line_key is not null
    group by connection, agreement_line_key

),

own as (

    select
        lines.*,
        coalesce(
            named.source_id, case when lines.kind = 'invoice' then by_line.obligation_ref end
        ) as own_obligation_ref,
        named.source_id is not null as has_named
    from lines
    left join obligations as named
        on named.connection = lines.connection and named.source_id = lines.obligation_ref
    left join by_line
        on by_line.connection = lines.connection and by_line.agreement_line_key = lines.agreement_line_key

)

select
    own.connection, own.row_id, own.object, own.source_id, own.kind, own.invoice_ref, own.line_no, own.agreement_id,
    own.legal_entity_id, own.currency, own.period, own.net_amount,
    credited.period as credited_period,
    credited.invoice_ref as credited_invoice_ref,
    coalesce(own.own_obligation_ref, credited.own_obligation_ref) as obligation_ref,
    own.has_named or (own.own_obligation_ref is null and coalesce(credited.has_named, false)) as is_named
from own
left join own as credited
    on credited.connection = own.connection and credited.source_id = own.credited_line_ref
where own.is_posted
