{{ config(tags=['computed']) }}

-- Every identity, proved by legal entity, currency and month: both sides, how many agreements (or obligations) were looked at, in
-- how many the two sides differ and by how much. What `recomputed` says holds by construction: a residual there is a mistake of
-- the computation. What `books` says holds when the books are right: a residual there is the business of a check.
with agreements as (

    select
        identity, of_what, statement, book, legal_entity_id, currency, period,
        sum(left_amount) as left_amount,
        sum(right_amount) as right_amount,
        sum(abs(residual_amount)) as residual_amount,
        count(*) as tested,
        count(case when residual_amount <> 0 then 1 end) as failed
    from {{ ref('identity_terms') }}
    group by identity, of_what, statement, book, legal_entity_id, currency, period

),

subledger as (

    select book, legal_entity_id, currency, period, sum(revenue_amount) as subledger_amount, cast(0 as decimal(18, 4)) as ledger_amount
    from {{ ref('int_revenue_line__claims') }}
    where status = 'posted' and claim_state = 'ok'
    group by book, legal_entity_id, currency, period

    union all

    select book, legal_entity_id, currency, period, 0, sum(-document_amount)
    from {{ ref('int_journal_line__claims') }}
    where account_role = 'revenue' and claim_state = 'ok'
    group by book, legal_entity_id, currency, period

),

ledger as (

    select
        'I13' as identity, 'books' as of_what, 'revenue subledger = revenue accounts of the general ledger' as statement,
        book, legal_entity_id, currency, period,
        sum(subledger_amount) as left_amount,
        sum(ledger_amount) as right_amount,
        abs(sum(subledger_amount) - sum(ledger_amount)) as residual_amount,
        1 as tested,
        case when sum(subledger_amount) <> sum(ledger_amount) then 1 else 0 end as failed
    from subledger
    group by book, legal_entity_id, currency, period

),

entries as (

    select
        agreement_id,
        posting_period as period,
        coalesce(timebill_hours, 0) as posted,
        {{ billed_hours('minutes') }} as approved
    from {{ ref('int_time_entry__valued') }}
    where
        kind = 'actual' and claim_state = 'ok' and is_approved and agreement_id is not null
        and posting_period <= (select max(last_recognised_period) from {{ ref('int_accounting_period__now') }})

),

worked as (

    select
        agreement_id, period,
        sum(posted) as posted, sum(approved) as approved, sum(abs(posted - approved)) as residual,
        count(*) as tested, count(case when posted <> approved then 1 end) as failed
    from entries
    group by agreement_id, period

),

hours as (

    select
        'I15' as identity, 'books' as of_what, 'hours posted to finance = hours approved' as statement,
        'primary' as book, agreement.legal_entity_id, cast(null as string) as currency, worked.period,
        sum(worked.posted) as left_amount,
        sum(worked.approved) as right_amount,
        sum(worked.residual) as residual_amount,
        sum(worked.tested) as tested,
        sum(worked.failed) as failed
    from worked
    inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = worked.agreement_id
    group by agreement.legal_entity_id, worked.period

),

pairs as (

    select book, performing_entity_id as legal_entity_id, currency, period, due_amount, receivable_amount, payable_amount
    from {{ ref('intercompany') }}

),

recharged as (

    {% for statement, left, right in [
        ('receivable of the performing entity = payable of the contracting one', 'receivable_amount', 'payable_amount'),
        ('hours of other entities x intercompany rate = recharged', 'due_amount', 'receivable_amount'),
    ] -%}
    select
        'I14' as identity, 'books' as of_what, '{{ statement }}' as statement, book, legal_entity_id, currency, period,
        sum({{ left }}) as left_amount,
        sum({{ right }}) as right_amount,
        sum(abs({{ left }} - {{ right }})) as residual_amount,
        count(*) as tested,
        count(case when {{ left }} <> {{ right }} then 1 end) as failed
    from pairs
    group by book, legal_entity_id, currency, period
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

every_identity as (

    select * from agreements
    union all
    select * from ledger
    union all
    select * from hours
    union all
    select * from recharged

)

select
    identity,
    of_what,
    statement,
    book,
    legal_entity_id,
    currency,
    period,
    cast(left_amount as decimal(18, 4)) as left_amount,
    cast(right_amount as decimal(18, 4)) as right_amount,
    cast(residual_amount as decimal(18, 4)) as residual_amount,
    cast(tested as bigint) as tested,
    cast(failed as bigint) as failed
from every_identity
