{{ config(materialized='table') }}

-- Billed and recognised through the last month with a revenue run, per agreement, legal entity and kind of right: what waits for
-- nothing but time (earned as charged) and all the rest. Only lines that belong to an obligation; a return counts with
-- the obligation it takes back, a credit that takes a billing mistake back with the obligation of the line it credits.
-- What is recognised beyond billing is unbilled, what is billed beyond it is deferred. Two views: as it was at that month
-- (is_at_run), and with what corrects it since: credits of its invoices, and the returns that are planned for them. A credit
-- whose return is not posted yet was behind no obligation at that month: it was told only since what it takes back. A line
-- whose obligation the ledger does not know of counts from when deferred revenue holds it, at once or by a journal since.
-- Of what is deferred, `uncharged_deferred_amount` would not be if each line billed what was charged: the rest of what was
-- billed without a charge was earned and unbilled, and is no longer.
with obligations as (

    select
        own.connection,
        own.source_id as obligation_ref,
        own.credit_line_ref,
        coalesce(returned.method, own.method) = 'as_charged' as is_time_only
    from {{ ref('int_obligation__claims') }} as own
    left join {{ ref('int_obligation__claims') }} as returned
        on returned.connection = own.connection and returned.source_id = own.returned_obligation_ref
    where own.claim_state = 'ok' and own.book = 'primary'

),

told_late as (

    select returns.connection, returns.credit_line_ref
    from {{ ref('int_obligation__claims') }} as returns
    left join {{ ref('int_revenue_line__claims') }} as lines
        on lines.connection = returns.connection
        and lines.obligation_ref = returns.source_id
        and lines.status = 'posted'
        and lines.claim_state = 'ok'
        and lines.book = 'primary'
    where returns.claim_state = 'ok' and returns.book = 'primary' and returns.credit_line_ref is not null
    group by returns.connection, returns.credit_line_ref
    having count(lines.source_id) = 0

),

deferred as (

    select
        lines.connection,
        lines.source_id,
        bool_or(balances.is_at_run) as is_at_run,
        bool_or(balances.is_corrected) as is_corrected
    from {{ ref('int_invoice_line__obligations') }} as lines
    inner join {{ ref('int_ledger__balance_lines') }} as balances
        on balances.connection = lines.connection
        and balances.event_ref = lines.invoice_ref
        and (balances.document_ref <> balances.event_ref or balances.line_no = lines.line_no)
    where balances.account_role = 'CL' and not lines.is_named
    group by lines.connection, lines.source_id

),

invoiced as (

    select
        lines.connection, lines.source_id, lines.agreement_id, lines.legal_entity_id, lines.currency, lines.net_amount,
        lines.obligation_ref,
        coalesce(uncharged.excess_amount, 0) as uncharged_amount,
        lines.period <= now.last_recognised_period
        and told_late.credit_line_ref is null
        and (lines.is_named or coalesce(deferred.is_at_run, false)) as is_at_run,
        (
            lines.period <= now.last_recognised_period
            or coalesce(lines.kind = 'credit' and lines.credited_period <= now.last_recognised_period, false)
        )
        and (lines.is_named or coalesce(deferred.is_corrected, false)) as is_corrected
    from {{ ref('int_invoice_line__obligations') }} as lines
    left join told_late on told_late.connection = lines.connection and told_late.credit_line_ref = lines.source_id
    left join deferred on deferred.connection = lines.connection and deferred.source_id = lines.source_id
    left join {{ ref('int_billing__uncharged') }} as uncharged
        on uncharged.connection = lines.connection and uncharged.source_id = lines.source_id
    inner join {{ ref('int_accounting_period__now') }} as now on now.connection = lines.connection

),

movements as (

    select
        invoiced.connection, invoiced.agreement_id, invoiced.legal_entity_id, invoiced.currency, obligations.is_time_only,
        invoiced.is_at_run, invoiced.is_corrected,
        invoiced.net_amount as billed_amount, invoiced.uncharged_amount, cast(0 as decimal(18, 4)) as recognised_amount
    from invoiced
    inner join obligations
        on obligations.connection = invoiced.connection and obligations.obligation_ref = invoiced.obligation_ref

    union all

    select
        lines.connection, lines.agreement_id, lines.legal_entity_id, lines.currency, obligations.is_time_only,
        lines.status = 'posted' and lines.period <= now.last_recognised_period,
        case
            when lines.status = 'posted' then lines.period <= now.last_recognised_period
            else lines.is_return and coalesce(credits.is_corrected, false)
        end,
        cast(0 as decimal(18, 4)), cast(0 as decimal(18, 4)), lines.revenue_amount
    from {{ ref('int_revenue_line__claims') }} as lines
    inner join obligations
        on obligations.connection = lines.connection and obligations.obligation_ref = lines.obligation_ref
    inner join {{ ref('int_accounting_period__now') }} as now on now.connection = lines.connection
    left join invoiced as credits
        on credits.connection = obligations.connection and credits.source_id = obligations.credit_line_ref
    where lines.claim_state = 'ok' and lines.book = 'primary'

),

summed as (

    select
        connection, agreement_id, legal_entity_id, currency, is_time_only, true as is_at_run,
        sum(billed_amount) as billed_amount,
        sum(uncharged_amount) as uncharged_amount,
        sum(recognised_amount) as recognised_amount
    from movements
    where is_at_run and agreement_id is not null
    group by connection, agreement_id, legal_entity_id, currency, is_time_only

    union all

    select
        connection, agreement_id, legal_entity_id, currency, is_time_only, false,
        sum(billed_amount),
        sum(uncharged_amount),
        sum(recognised_amount)
    from movements
    where is_corrected and agreement_id is not null
    group by connection, agreement_id, legal_entity_id, currency, is_time_only

)

select
    connection, agreement_id, legal_entity_id, currency, is_time_only, is_at_run,
    cast(billed_amount as decimal(18, 4)) as billed_amount,
    cast(recognised_amount as decimal(18, 4)) as recognised_amount,
    cast(greatest(recognised_amount - billed_amount, 0) as decimal(18, 4)) as unbilled_amount,
    cast(greatest(billed_amount - recognised_amount, 0) as decimal(18, 4)) as deferred_amount,
    cast(
        greatest(billed_amount - recognised_amount, 0) - greatest(billed_amount - uncharged_amount - recognised_amount, 0)
        as decimal(18, 4)
    ) as uncharged_deferred_amount
from summed
