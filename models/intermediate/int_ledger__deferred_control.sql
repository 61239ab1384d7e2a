{{ config(materialized='table') }}

-- Deferred revenue at the end of the last month with a revenue run, by legal entity and agreement: as invoices and schedules say
-- (billed beyond revenue, by kind of right), and as the account has it after reclassification. What the account holds
-- for no agreement is kept by the document it is from. An agreement that agrees with what was posted since to correct it, or
-- agreed at the end of that month, agrees: what corrections leave to the open month's own reclassification is no difference.
with expected as (

    select
        connection,
        agreement_id,
        legal_entity_id,
        currency,
        sum(case when is_at_run then 0 else deferred_amount end) as deferred_amount,
        sum(case when is_at_run then deferred_amount else 0 end) as run_deferred_amount,
        sum(case when is_at_run then -unbilled_amount else unbilled_amount end) as pending_adjustment_amount
    from {{ ref('int_agreement__billing_gaps') }}
    group by connection, agreement_id, legal_entity_id, currency

),

lines as (

    select
        connection, row_id, object, source_id, agreement_id, customer_id, currency, is_at_run, is_corrected,
        coalesce(legal_entity_id, legal_entity_ref) as legal_entity_id,
        coalesce(agreement_id, agreement_number, concat('unassigned/', event_ref)) as agreement_key,
        -document_amount as amount
    from {{ ref('int_ledger__balance_lines') }}
    where account_role = 'CL' and (is_at_run or is_corrected)

),

held as (

    select
        connection,
        agreement_id,
        max(customer_id) as customer_id,
        legal_entity_id,
        currency,
        sum(case when is_corrected then amount else 0 end) as corrected_amount,
        sum(case when is_at_run then amount else 0 end) as run_amount
    from lines
    where agreement_id is not null
    group by connection, agreement_id, legal_entity_id, currency

),

compared as (

    select
        coalesce(expected.connection, held.connection) as connection,
        coalesce(expected.agreement_id, held.agreement_id) as agreement_id,
        coalesce(expected.legal_entity_id, held.legal_entity_id) as legal_entity_id,
        coalesce(expected.currency, held.currency) as currency,
        held.customer_id,
        coalesce(expected.deferred_amount, 0) as deferred_amount,
        coalesce(expected.run_deferred_amount, 0) as run_deferred_amount,
        coalesce(expected.pending_adjustment_amount, 0) as pending_adjustment_amount,
        coalesce(held.corrected_amount, 0) as corrected_amount,
        coalesce(held.run_amount, 0) as run_amount
    from expected
    full outer join held
        on held.connection = expected.connection
        and held.agreement_id = expected.agreement_id
        and held.legal_entity_id = expected.legal_entity_id
        and held.currency = expected.currency

),

judged as (

    select
        compared.*,
        compared.run_amount = compared.run_deferred_amount
        or compared.corrected_amount + coalesce(returns.returned_amount, 0) in (
            compared.deferred_amount, compared.deferred_amount - compared.pending_adjustment_amount
        ) as is_agreed
    from compared
    left join {{ ref('int_agreement__planned_returns') }} as returns
        on returns.connection = compared.connection
        and returns.agreement_id = compared.agreement_id
        and returns.legal_entity_id = compared.legal_entity_id
        and returns.currency = compared.currency

),

both_sides as (

    select
        'schedules' as side, connection, cast(null as bigint) as row_id, cast(null as string) as object,
        cast(null as string) as source_id, agreement_id, customer_id, legal_entity_id, currency, agreement_id as agreement_key,
        run_deferred_amount as deferred_amount
    from judged

    union all

    select
        'ledger', connection, null, null, null, agreement_id, customer_id, legal_entity_id, currency, agreement_id,
        case when is_agreed then run_deferred_amount else run_amount end
    from judged

    union all

    select
        'ledger', connection, row_id, object, source_id, agreement_id, customer_id, legal_entity_id, currency,
        agreement_key, amount
    from lines
    where agreement_id is null and is_corrected

),

numbers as (

    select agreement_id, max(agreement_number) as agreement_number
    from {{ ref('int_agreement__claims') }}
    where claim_state = 'ok' and agreement_id is not null
    group by agreement_id

)

select
    both_sides.side, both_sides.connection,
    case both_sides.side when 'ledger' then 'ERP' else 'REVREC' end as role,
    both_sides.object, both_sides.source_id, both_sides.row_id, 'primary' as book,
    both_sides.agreement_key, both_sides.agreement_id, numbers.agreement_number, both_sides.customer_id,
    both_sides.legal_entity_id, both_sides.currency,
    cast(both_sides.deferred_amount as decimal(18, 4)) as deferred_amount,
    now.last_recognised_period as period
from both_sides
left join {{ ref('int_accounting_period__now') }} as now on now.connection = both_sides.connection
left join numbers on numbers.agreement_id = both_sides.agreement_id
where both_sides.deferred_amount <> 0
