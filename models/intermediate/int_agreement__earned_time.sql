{{ config(materialized='table') }}

-- Time-and-materials revenue of each agreement up to the last month whose revenue run is done, two ways: what delivery
-- earned (`is_recognised` false) and what was recognised (true), a row a month and kind, or a row a revenue line. `parted_in`
-- is the first month in which the running totals of the two differ.
--
-- Earned: the value of approved time in the month it reached finance, up to the cap of the line and then of the agreement;
-- adjustments of time; concessions on time-and-materials lines. Recognised: posted lines of obligations earned as charged,
-- their corrections that are planned and not posted yet, and what credit memos took back. Reimbursed expenses belong to no
-- agreement line and are left out of both.
with run as (

    select max(last_recognised_period) as period from {{ ref('int_accounting_period__now') }}

),

worked as (

    select
        agreement_id,
        agreement_line_key,
        value_currency as currency,
        posting_period as period,
        cast(sum(value_amount) as decimal(18, 4)) as amount
    from {{ ref('int_time_entry__valued') }}
    where
        kind = 'actual' and claim_state = 'ok' and is_approved and is_billable and line_billing_type = 'tm'
        and agreement_id is not null and value_amount is not null
        and posting_period <= (select period from run)
    group by agreement_id, agreement_line_key, value_currency, posting_period

),

line_totals as (

    select
        worked.*,
        sum(amount) over (partition by worked.agreement_line_key, worked.currency order by period) as worked_to_date,
        terms.line_cap_amount,
        terms.agreement_cap_amount
    from worked
    left join {{ ref('int_agreement_line__terms') }} as terms on terms.agreement_line_key = worked.agreement_line_key

),

line_months as (

    select
        agreement_id,
        currency,
        period,
        agreement_cap_amount,
        least(worked_to_date, coalesce(line_cap_amount, worked_to_date))
        - least(worked_to_date - amount, coalesce(line_cap_amount, worked_to_date - amount)) as amount
    from line_totals

),

months as (

    select agreement_id, currency, period, max(agreement_cap_amount) as cap_amount, sum(amount) as amount
    from line_months
    group by agreement_id, currency, period

),

totals as (

    select *, sum(amount) over (partition by agreement_id, currency order by period) as to_date from months

),

earned as (

    select
        agreement_id,
        currency,
        period,
        'time' as kind,
        cast(least(to_date, coalesce(cap_amount, to_date)) - least(to_date - amount, coalesce(cap_amount, to_date - amount)) as decimal(18, 4))
            as amount
    from totals

    union all

    select agreement_id, currency, posting_period, 'adjustment', cast(sum(value_amount) as decimal(18, 4))
    from {{ ref('int_time_entry__valued') }}
    where
        kind = 'adjustment' and claim_state = 'ok' and is_billable and line_billing_type = 'tm'
        and agreement_id is not null and posting_period <= (select period from run)
    group by agreement_id, currency, posting_period

    union all

    select lines.agreement_id, lines.currency, lines.period, 'concession', cast(sum(lines.net_amount) as decimal(18, 4))
    from {{ ref('int_invoice_line__claims') }} as lines
    inner join {{ ref('int_agreement_line__terms') }} as terms
        on terms.agreement_line_key = lines.agreement_line_key and terms.billing_type = 'tm'
    where
        lines.role = 'ERP' and lines.claim_state = 'ok' and lines.kind = 'credit' and lines.is_posted
        and upper(lines.credit_reason) = 'CONCESSION' and lines.agreement_id is not null
        and lines.period <= (select period from run)
    group by lines.agreement_id, lines.currency, lines.period

),

recognised as (

    select
        claims.*,
        case
            when claims.status = 'posted' then claims.period
            when claims.is_return then coalesce(credits.period, claims.period)
            else run.period
        end as counted_in
    from {{ ref('int_revenue_line__claims') }} as claims
    cross join run
    left join {{ ref('int_obligation__claims') }} as returns
        on returns.connection = claims.connection and returns.source_id = claims.obligation_ref and returns.is_return
    left join {{ ref('int_invoice_line__claims') }} as credits
        on credits.connection = returns.connection and credits.source_id = returns.credit_line_ref
        and credits.claim_state = 'ok'
    where
        claims.claim_state = 'ok' and claims.book = 'primary' and claims.method = 'as_charged'
        and claims.agreement_line_key is not null and claims.agreement_id is not null
        and (
            claims.is_catch_up and claims.status = 'planned'
            or claims.status = 'posted' and claims.period <= run.period
            or claims.is_return and coalesce(credits.period, claims.period) <= run.period
        )

),

-- While any of these is set aside, a difference may be one of them.
hidden as (

    select count(*) as hidden_row_count
    from {{ source('quarantine', 'rows') }}
    where
        status = 'open'
        and lower(stream) in (
            'time_entries', 'time_adjustments', 'transaction', 'transactionline', 'revenueelement', 'revenueplan',
            'revenueplanplannedrevenue'
        )

),

names as (

    select agreement_id, min(connection) as connection, min(row_id) as row_id, min(source_id) as source_id, max(customer_id) as customer_id
    from {{ ref('int_agreement__claims') }}
    where role = 'PSA' and claim_state = 'ok'
    group by agreement_id

),

movements as (

    select agreement_id, currency, period, amount, cast(0 as decimal(18, 4)) as recognised_amount from earned
    union all
    select agreement_id, currency, counted_in, cast(0 as decimal(18, 4)), revenue_amount from recognised

),

largest as (

    -- The obligation that a catch-up goes to: of those of the agreement that are earned as charged, the one that earned most.
    select agreement_id, currency, obligation_ref
    from (
        select
            obligations.agreement_id,
            obligations.currency,
            obligations.source_id as obligation_ref,
            row_number() over (
                partition by obligations.agreement_id, obligations.currency
                order by sum(coalesce(recognised.revenue_amount, 0)) desc, obligations.source_id
            ) as place
        from {{ ref('int_obligation__claims') }} as obligations
        left join recognised
            on recognised.connection = obligations.connection and recognised.obligation_ref = obligations.source_id
        where
            obligations.claim_state = 'ok' and obligations.book = 'primary' and obligations.method = 'as_charged'
            and not obligations.is_return and obligations.agreement_line_key is not null
        group by obligations.agreement_id, obligations.currency, obligations.source_id
    ) as ranked
    where place = 1

),

running as (

    select
        agreement_id,
        currency,
        period,
        sum(sum(amount) - sum(recognised_amount)) over (partition by agreement_id, currency order by period) as difference
    from movements
    group by agreement_id, currency, period

),

parted as (

    select agreement_id, currency, min(case when abs(difference) > 1 then period end) as parted_in
    from running
    group by agreement_id, currency

)

select
    names.row_id,
    names.connection,
    'PSA' as role,
    'workspaces' as object,
    names.source_id,
    earned.agreement_id,
    names.customer_id,
    earned.currency,
    earned.period as counted_in,
    earned.kind,
    false as is_recognised,
    earned.amount,
    largest.obligation_ref,
    parted.parted_in,
    hidden.hidden_row_count
from earned
cross join hidden
left join names on names.agreement_id = earned.agreement_id
left join parted on parted.agreement_id = earned.agreement_id and parted.currency = earned.currency
left join largest on largest.agreement_id = earned.agreement_id and largest.currency = earned.currency

union all

select
    recognised.row_id,
    recognised.connection,
    'REVREC' as role,
    recognised.object,
    recognised.source_id,
    recognised.agreement_id,
    recognised.customer_id,
    recognised.currency,
    recognised.counted_in,
    case when recognised.is_return then 'return' when recognised.is_catch_up then 'catch_up' else 'normal' end as kind,
    true as is_recognised,
    recognised.revenue_amount as amount,
    largest.obligation_ref,
    parted.parted_in,
    hidden.hidden_row_count
from recognised
cross join hidden
left join parted on parted.agreement_id = recognised.agreement_id and parted.currency = recognised.currency
left join largest on largest.agreement_id = recognised.agreement_id and largest.currency = recognised.currency
