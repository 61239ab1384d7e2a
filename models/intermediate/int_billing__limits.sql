{{ config(materialized='table') }}

-- What counts against the limit of each agreement line: posted invoice lines, credits of every reason, and charges that are
-- ready to be billed. The limit is the cap of the line, else for time the cap of the whole agreement, else the signed value.
-- Tax, and expenses, which belong to no line, are outside.
with terms as (

    select
        *,
        case
            when line_cap_amount is null and agreement_cap_amount is not null and billing_type = 'tm' then agreement_number || '/cap'
            else agreement_line_key
        end as limit_key,
        case
            when line_cap_amount is null and agreement_cap_amount is not null and billing_type = 'tm' then agreement_cap_amount
            else limit_amount
        end as allowed_amount
    from {{ ref('int_agreement_line__terms') }}

),

counted as (

    select
        'billed' as part, row_id, connection, role, object, source_id, agreement_line_key, net_amount as amount, currency,
        invoice_ref, document_number, posted_on
    from {{ ref('int_invoice_line__claims') }}
    where role = 'ERP' and claim_state = 'ok' and is_posted and agreement_line_key is not null

    union all

    select
        'ready' as part, row_id, connection, role, object, source_id, agreement_line_key, event_amount as amount, currency,
        cast(null as string) as invoice_ref, cast(null as string) as document_number, event_on as posted_on
    from {{ ref('int_billing_event__claims') }}
    where role = 'ERP' and claim_state = 'ok' and state = 'ready' and agreement_line_key is not null

)

select
    counted.part, counted.row_id, counted.connection, counted.role, counted.object, counted.source_id, counted.amount,
    counted.currency, counted.invoice_ref, counted.posted_on, counted.agreement_line_key,
    terms.limit_key, terms.allowed_amount, terms.agreement_id, terms.customer_id, terms.billing_type, hidden.hidden_row_count,
    terms.limit_key <> terms.agreement_line_key or terms.line_cap_amount is not null as is_capped
from counted
inner join terms on terms.agreement_line_key = counted.agreement_line_key and terms.currency = counted.currency
cross join {{ ref('int_billing__hidden_rows') }} as hidden
