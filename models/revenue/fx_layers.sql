{{ config(materialized='table', schema='intermediate') }}

-- Deferred revenue of agreements in foreign currency as layers, at the end of the last month with a revenue run: each invoice
-- at its own rate of exchange, less credits that name it. Revenue uses the layers first in, first out, apart for what is earned
-- as it is charged and all the rest; what is left of a layer is worth its own rate in the company's books, whatever the rate
-- is by now. `is_complete` where the layers add up to what is billed.
with obligations as (

    select
        own.connection,
        own.source_id as obligation_ref,
        coalesce(returned.method, own.method) = 'as_charged' as is_time_only
    from {{ ref('int_obligation__claims') }} as own
    left join {{ ref('int_obligation__claims') }} as returned
        on returned.connection = own.connection and returned.source_id = own.returned_obligation_ref
    where own.claim_state = 'ok' and own.book = 'primary'

),

gaps as (

    select gaps.*, entity.currency as functional_currency
    from {{ ref('int_agreement__billing_gaps') }} as gaps
    inner join {{ ref('legal_entity') }} as entity on entity.legal_entity_id = gaps.legal_entity_id
    where gaps.is_at_run and gaps.currency <> entity.currency

),

invoiced as (

    select
        lines.connection, lines.agreement_id, lines.legal_entity_id, lines.currency, obligations.is_time_only,
        coalesce(lines.credited_invoice_ref, lines.invoice_ref) as invoice_ref,
        sum(lines.net_amount) as amount
    from {{ ref('int_invoice_line__obligations') }} as lines
    inner join {{ ref('int_accounting_period__now') }} as now
        on now.connection = lines.connection and lines.period <= now.last_recognised_period
    inner join obligations
        on obligations.connection = lines.connection and obligations.obligation_ref = lines.obligation_ref
    inner join (select distinct connection, agreement_id, currency from gaps) as agreements
        on agreements.connection = lines.connection
        and agreements.agreement_id = lines.agreement_id
        and agreements.currency = lines.currency
    where lines.is_named
    group by
        lines.connection, lines.agreement_id, lines.legal_entity_id, lines.currency, obligations.is_time_only,
        coalesce(lines.credited_invoice_ref, lines.invoice_ref)

),

stacked as (

    select
        invoiced.*,
        invoices.document_number, invoices.issued_on, invoices.exchange_rate, invoices.row_id, invoices.object,
        gaps.functional_currency,
        gaps.billed_amount as gap_billed_amount,
        gaps.recognised_amount,
        sum(invoiced.amount) over (
            partition by
                invoiced.connection, invoiced.agreement_id, invoiced.legal_entity_id, invoiced.currency,
                invoiced.is_time_only
            order by invoices.issued_on, length(invoiced.invoice_ref), invoiced.invoice_ref
        ) as billed_to_date,
        sum(invoiced.amount) over (
            partition by
                invoiced.connection, invoiced.agreement_id, invoiced.legal_entity_id, invoiced.currency,
                invoiced.is_time_only
        ) as layered_amount
    from invoiced
    inner join gaps
        on gaps.connection = invoiced.connection
        and gaps.agreement_id = invoiced.agreement_id
        and gaps.legal_entity_id = invoiced.legal_entity_id
        and gaps.currency = invoiced.currency
        and gaps.is_time_only = invoiced.is_time_only
    inner join {{ ref('int_invoice__claims') }} as invoices
        on invoices.connection = invoiced.connection
        and invoices.source_id = invoiced.invoice_ref
        and invoices.role = 'ERP'
        and invoices.claim_state = 'ok'

),

used as (

    select
        stacked.*,
        greatest(billed_to_date - greatest(billed_to_date - amount, recognised_amount), 0) as open_amount
    from stacked

)

select
    connection, agreement_id, legal_entity_id, is_time_only, invoice_ref, document_number, issued_on, row_id, object,
    currency, functional_currency, exchange_rate,
    cast(amount as decimal(18, 4)) as billed_amount,
    cast(open_amount as decimal(18, 4)) as open_amount,
    cast({{ to_minor_unit(widened('open_amount') ~ ' * exchange_rate', 'functional_currency') }} as decimal(18, 4))
        as functional_amount,
    layered_amount = gap_billed_amount as is_complete
from used
