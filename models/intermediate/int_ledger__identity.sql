{{ config(materialized='table') }}

-- Both sides of the core identity of each agreement, in document currency: billed + unbilled receivable - recognised, and
-- contract liability - contract asset + refund liability. What belongs to no agreement is kept apart by the document it is from. A
-- document that balances for an agreement is summed up; of one that does not, each line is a row.
with billed as (

    select
        row_id, connection, role, object, source_id, agreement_id, customer_id, agreement_number, legal_entity_id, currency,
        period, invoice_ref as document_ref, 'billed' as position, cast(null as string) as account_number,
        true as is_left, net_amount as amount
    from {{ ref('int_invoice_line__claims') }}
    where is_posted and claim_state = 'ok'

),

recognised as (

    select
        row_id, connection, role, object, source_id, agreement_id, customer_id, agreement_number, legal_entity_id, currency,
        period, journal_ref as document_ref, 'recognised' as position, cast(null as string) as account_number,
        true as is_left, -revenue_amount as amount
    from {{ ref('int_revenue_line__claims') }}
    where status = 'posted' and claim_state = 'ok' and book = 'primary'

),

ledger as (

    select
        row_id, connection, role, object, source_id, agreement_id, customer_id, agreement_number, legal_entity_id, currency,
        period, document_ref, account_role as position, account_number,
        account_role = 'UR' as is_left,
        case when account_role = 'UR' then document_amount else -document_amount end as amount
    from {{ ref('int_journal_line__claims') }}
    where account_role in ('UR', 'CA', 'CL', 'RL') and claim_state = 'ok' and book = 'primary'

),

lines as (

    select * from billed
    union all
    select * from recognised
    union all
    select * from ledger

),

keyed as (

    select
        lines.*,
        coalesce(reversals.origin_ref, lines.document_ref) as event_ref,
        coalesce(
            lines.agreement_id,
            lines.agreement_number,
            concat('unassigned/', coalesce(reversals.origin_ref, lines.document_ref, lines.source_id))
        ) as agreement_key
    from lines
    left join {{ ref('int_ledger__reversals') }} as reversals
        on reversals.connection = lines.connection and reversals.document_ref = lines.document_ref

),

judged as (

    select
        keyed.*,
        sum(case when is_left then amount else -amount end) over (partition by agreement_key, currency, connection, event_ref) = 0
            as is_balanced
    from keyed

),

listed as (

    select
        row_id, connection, role, object, source_id, agreement_key, agreement_id, agreement_number, customer_id, legal_entity_id, currency, is_left,
        position, account_number, period, event_ref as document_ref, amount, is_balanced
    from judged
    where not is_balanced

    union all

    select
        cast(null as bigint), min(connection), min(role), cast(null as string), cast(null as string), agreement_key, agreement_id,
        max(agreement_number), max(customer_id), cast(null as string), currency, is_left,
        cast(null as string), cast(null as string), cast(null as string), cast(null as string), sum(amount), true
    from judged
    where is_balanced
    group by agreement_key, agreement_id, currency, is_left

),

culprits as (

    select
        agreement_key,
        currency,
        min(period) as first_period,
        count(distinct document_ref) as document_count,
        case when min(document_ref) = max(document_ref) then min(document_ref) end as only_document_ref
    from listed
    where not is_balanced
    group by agreement_key, currency

),

moved as (

    select agreement_key, currency, string_agg(position, ', ' order by position) as positions
    from (select distinct agreement_key, currency, position from listed where not is_balanced) as distinct_positions
    group by agreement_key, currency

),

elements as (

    select agreement_id, currency, count(*) as obligation_count
    from {{ ref('int_obligation__claims') }}
    where claim_state = 'ok' and book = 'primary'
    group by agreement_id, currency

),

hidden as (

    select sum(hidden_row_count) as hidden_row_count
    from {{ ref('int_ledger__hidden_rows') }}

)

select
    listed.row_id, listed.connection, listed.role, listed.object, listed.source_id, 'primary' as book, listed.agreement_key,
    listed.agreement_id, listed.agreement_number, listed.customer_id, listed.legal_entity_id, listed.currency, listed.is_left, listed.position,
    listed.account_number, listed.period, listed.document_ref,
    cast(listed.amount as decimal(18, 4)) as amount,
    listed.is_balanced,
    culprits.first_period, culprits.document_count, culprits.only_document_ref, moved.positions,
    coalesce(elements.obligation_count, 1) as obligation_count,
    coalesce(hidden.hidden_row_count, 0) as hidden_row_count
from listed
left join culprits on culprits.agreement_key = listed.agreement_key and culprits.currency = listed.currency
left join moved on moved.agreement_key = listed.agreement_key and moved.currency = listed.currency
left join elements on elements.agreement_id = listed.agreement_id and elements.currency = listed.currency
cross join hidden
