{{ config(materialized='table', schema='intermediate') }}

-- Lines of the ledger behind balances in another currency than that of the company's books, up to the last month with a revenue
-- run, while its books are open: receivables by customer (`holder`), unbilled receivables, contract assets and deferred revenue
-- by agreement. A line that moves nothing in its own currency only changes what the balance is worth (`is_value_only`). What was
-- made after the month's revaluation waits for the next one and is not here. Once the books of the month are closed it is
-- history: the next revaluation starts anew.
with now as (

    select
        now.connection,
        now.last_recognised_period as period,
        max(periods.end_on) as end_on
    from {{ ref('int_accounting_period__now') }} as now
    inner join {{ ref('int_accounting_period__claims') }} as periods
        on periods.connection = now.connection
        and periods.period = now.last_recognised_period
        and periods.claim_state = 'ok'
    where coalesce(now.last_closed_period < now.last_recognised_period, true)
    group by now.connection, now.last_recognised_period

),

lines as (

    select
        claims.row_id, claims.connection, claims.object, claims.source_id, claims.account_role, claims.account_number,
        claims.agreement_id, claims.agreement_number,
        coalesce(claims.legal_entity_id, claims.legal_entity_ref) as legal_entity_id,
        claims.currency, claims.functional_currency, claims.document_amount, claims.amount,
        claims.document_amount = 0 as is_value_only,
        claims.document_type, claims.posted_on, claims.period,
        now.period as last_recognised_period,
        now.end_on,
        postings.created_at, postings.entity_id, postings.subsidiary_id, postings.arrangement_ref,
        customers.enterprise_id as customer_id,
        case
            when claims.account_role = 'AR' then coalesce(customers.enterprise_id, postings.entity_id)
            else coalesce(claims.agreement_id, claims.agreement_number)
        end as holder
    from {{ ref('int_journal_line__claims') }} as claims
    inner join now on now.connection = claims.connection and claims.period <= now.period
    left join {{ ref('int_ledger__postings') }} as postings
        on postings.connection = claims.connection
        and postings.document_ref = claims.document_ref
        and postings.line_id = split_part(claims.source_id, '/', 3)
    left join {{ ref('int_links') }} as customers
        on customers.entity = 'customer'
        and customers.connection = claims.connection
        and customers.source_id = postings.entity_id
    where
        claims.account_role in ('AR', 'UR', 'CA', 'CL') and claims.claim_state = 'ok' and claims.book = 'primary'
        and (claims.currency <> claims.functional_currency or claims.document_amount = 0)

),

revaluations as (

    select connection, legal_entity_id, min(created_at) as revalued_at
    from lines
    where is_value_only and posted_on = end_on
    group by connection, legal_entity_id

)

select lines.*, lines.account_role || '/' || lines.holder as balance_key
from lines
left join revaluations
    on revaluations.connection = lines.connection and revaluations.legal_entity_id = lines.legal_entity_id
where
    lines.holder is not null
    and (lines.is_value_only or revaluations.revalued_at is null or lines.created_at <= revaluations.revalued_at)
