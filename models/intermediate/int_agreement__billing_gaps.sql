{{ config(materialized='table') }}

-- Billed and recognised through the last month with a revenue run, per agreement, legal entity and kind of right: what waits for
-- nothing but time (earned as charged) and all the rest. Only lines that belong to an obligation; a return counts with
-- the obligation it takes back. What is recognised beyond billing is unbilled, what is billed beyond it is deferred.
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

movements as (

    select
        connection, agreement_id, legal_entity_id, currency, obligation_ref, period,
        net_amount as billed_amount, cast(0 as decimal(18, 4)) as recognised_amount
    from {{ ref('int_invoice_line__claims') }}
    where is_posted and claim_state = 'ok' and obligation_ref is not null

    union all

    select
        connection, agreement_id, legal_entity_id, currency, obligation_ref, period,
        cast(0 as decimal(18, 4)), revenue_amount
    from {{ ref('int_revenue_line__claims') }}
    where status = 'posted' and claim_state = 'ok' and book = 'primary'

),

summed as (

    select
        movements.connection,
        movements.agreement_id,
        movements.legal_entity_id,
        movements.currency,
        obligations.is_time_only,
        sum(movements.billed_amount) as billed_amount,
        sum(movements.recognised_amount) as recognised_amount
    from movements
    inner join obligations
        on obligations.connection = movements.connection and obligations.obligation_ref = movements.obligation_ref
    inner join {{ ref('int_accounting_period__now') }} as now on now.connection = movements.connection
    where movements.period <= now.last_recognised_period
    group by
        movements.connection, movements.agreement_id, movements.legal_entity_id, movements.currency, obligations.is_time_only

)

select
    connection, agreement_id, legal_entity_id, currency, is_time_only,
    cast(billed_amount as decimal(18, 4)) as billed_amount,
    cast(recognised_amount as decimal(18, 4)) as recognised_amount,
    cast(greatest(recognised_amount - billed_amount, 0) as decimal(18, 4)) as unbilled_amount,
    cast(greatest(billed_amount - recognised_amount, 0) as decimal(18, 4)) as deferred_amount
from summed
where agreement_id is not null
