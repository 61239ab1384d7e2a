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

-- What the balances of the agreements moved by in each month, each in its natural direction.
balances_moved as (

    select
        book, legal_entity_id, currency, period,
        {%- for name in ['contract_liability', 'contract_asset', 'unbilled_receivable'] %}
        {{ name }}_amount - coalesce(lag({{ name }}_amount) over (partition by agreement_id, book, currency order by period), 0) as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('balances') }}

),

receivables as (

    select connection, source_id, legal_entity_id, currency, period, gross_amount
    from {{ ref('int_invoice__claims') }}
    where role = 'ERP' and claim_state = 'ok' and is_posted and not coalesce(is_cancelled, false)

),

subledger as (

    select 'revenue' as account_role, book, legal_entity_id, currency, period, revenue_amount as amount
    from {{ ref('int_revenue_line__claims') }}
    where status = 'posted' and claim_state = 'ok'

    {% for role, name in [('CL', 'contract_liability'), ('CA', 'contract_asset'), ('UR', 'unbilled_receivable')] -%}
    union all
    select '{{ role }}', book, legal_entity_id, currency, period, {{ name }} from balances_moved
    {% endfor -%}

    union all

    select 'AR', 'primary', legal_entity_id, currency, period, gross_amount from receivables

    union all

    select
        'AR', 'primary', receivables.legal_entity_id, payments.currency, {{ period_of('payments.paid_on') }}, -payments.paid_amount
    from {{ ref('int_payment__claims') }} as payments
    inner join receivables on receivables.connection = payments.connection and receivables.source_id = payments.invoice_ref
    where payments.role = 'ERP' and payments.kind = 'cash' and payments.claim_state = 'ok'

),

accounts as (

    select
        account_role, book, legal_entity_id, currency, period,
        case when account_role in ('revenue', 'CL') then -document_amount else document_amount end as amount
    from {{ ref('int_journal_line__claims') }}
    where account_role in ('revenue', 'CL', 'CA', 'UR', 'AR') and claim_state = 'ok'

),

-- Balances are known up to the last month with a revenue run; roles that a ledger has no account for are asked about nowhere.
controlled as (

    select
        both_sides.account_role, both_sides.book, both_sides.legal_entity_id, both_sides.currency, both_sides.period,
        sum(both_sides.subledger_amount) as subledger_amount,
        sum(both_sides.ledger_amount) as ledger_amount
    from (
        select account_role, book, legal_entity_id, currency, period, amount as subledger_amount, 0 as ledger_amount from subledger
        union all
        select account_role, book, legal_entity_id, currency, period, 0, amount from accounts
    ) as both_sides
    inner join (select distinct account_role, book from accounts) as held
        on held.account_role = both_sides.account_role and held.book = both_sides.book
    cross join {{ ref('int_accounting_period__run') }} as run
    where both_sides.account_role not in ('CL', 'CA', 'UR') or both_sides.period <= run.last_period
    group by 1, 2, 3, 4, 5

),

ledger as (

    select
        'I13' as identity, 'books' as of_what,
        case account_role
            when 'revenue' then 'revenue subledger = revenue accounts of the general ledger'
            when 'CL' then 'contract liabilities of the agreements = their accounts of the general ledger'
            when 'CA' then 'contract assets of the agreements = their accounts of the general ledger'
            when 'UR' then 'unbilled receivables of the agreements = their accounts of the general ledger'
            else 'invoices, credits and cash applied = receivable accounts of the general ledger'
        end as statement,
        book, legal_entity_id, currency, period,
        subledger_amount as left_amount,
        ledger_amount as right_amount,
        abs(subledger_amount - ledger_amount) as residual_amount,
        1 as tested,
        case when subledger_amount <> ledger_amount then 1 else 0 end as failed
    from controlled

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

-- What the months of a cost say beside what is left of it, both added up from the first month on.
cost_lines as (

    select
        book, legal_entity_id, currency, period, opening_amount, closing_amount,
        sum(capitalised_amount) over months_of as capitalised_amount,
        sum(amortised_amount + impaired_amount) over months_of as consumed_amount,
        coalesce(lag(closing_amount) over months_of, 0) as closed_amount
    from {{ source('revenue', 'contract_costs') }}
    window months_of as (
        partition by agreement_id, book, currency, obligation_key, cost_name, purpose, treatment, rule order by period
    )

),

-- Identities of rows that hold both sides.
stated as (

    {% for identity, of_what, relation, statement, left, right in [
        ('I14', 'books', 'pairs', 'receivable of the performing entity = payable of the contracting one', 'receivable_amount', 'payable_amount'),
        ('I14', 'books', 'pairs', 'hours of other entities x intercompany rate = recharged', 'due_amount', 'receivable_amount'),
        ('I18', 'recomputed', 'cost_lines', 'contract costs: capitalised to date = amortised + impaired + left',
            'capitalised_amount', 'consumed_amount + closing_amount'),
        ('I18', 'recomputed', 'cost_lines', 'contract costs: opening = what was left the month before', 'opening_amount', 'closed_amount'),
    ] -%}
    select
        '{{ identity }}' as identity, '{{ of_what }}' as of_what, '{{ statement }}' as statement, book, legal_entity_id, currency, period,
        sum({{ left }}) as left_amount,
        sum({{ right }}) as right_amount,
        sum(abs({{ left }} - ({{ right }}))) as residual_amount,
        count(*) as tested,
        count(case when {{ left }} <> {{ right }} then 1 end) as failed
    from {{ relation }}
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
    select * from stated

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
