{{ config(materialized='view', schema='intermediate') }}

-- What was delivered besides time: milestones accepted, reimbursable expenses approved (in the month in which their report was
-- posted, at the rate of that day where they were spent in another currency), time-and-materials lines that are over, and fixed fees
-- whose tasks are all completed: the end of a plan is no evidence that the work was done, and tasks that are closed on the last day of an
-- agreement that was ended early, or after it, are none either. What was spent by that day is summed by itself: `until`.
with expenses as (

    select agreement_id, expense_key, expense_amount, currency, spent_on, approved_at
    from {{ ref('int_expense__claims') }}
    where role = 'PSA' and claim_state = 'ok' and state = 'approved' and is_billable and agreement_id is not null

),

reports as (

    select expense_key, min(spent_on) as posted_on, min(created_at) as reached_at
    from {{ ref('int_expense__claims') }}
    where role = 'ERP' and claim_state = 'ok' and is_posted and expense_key is not null
    group by expense_key

),

dated as (

    select
        expenses.agreement_id,
        expenses.expense_key,
        expenses.expense_amount,
        expenses.currency,
        case when expenses.spent_on <= ended.terminated_on then ended.terminated_on end as until_on,
        coalesce(reports.posted_on, expenses.spent_on) as counted_on,
        coalesce(reports.reached_at, expenses.approved_at) as reached_at,
        agreement.currency as agreement_currency,
        agreement.agreement_number
    from expenses
    inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = expenses.agreement_id
    left join reports on reports.expense_key = expenses.expense_key
    left join {{ ref('int_agreement__terminations') }} as ended on ended.agreement_id = expenses.agreement_id

),

rates as (

    -- The latest rate on or before the day, where an expense was paid in another currency.
    select
        dated.expense_key,
        rates.exchange_rate,
        row_number() over (
            partition by dated.expense_key order by rates.effective_on desc, rates.connection, rates.source_id
        ) as place
    from dated
    inner join {{ ref('int_exchange_rate__claims') }} as rates
        on rates.role = 'ERP' and rates.claim_state = 'ok' and rates.from_currency = dated.currency
        and rates.to_currency = dated.agreement_currency and rates.effective_on <= dated.counted_on
    where dated.currency <> dated.agreement_currency

),

spent as (

    select
        dated.agreement_id,
        {{ expenses_of('dated.agreement_number') }} as obligation_key,
        dated.agreement_currency as currency,
        {{ period_reached('dated.counted_on', 'dated.reached_at') }} as period,
        dated.currency as paid_in,
        dated.counted_on,
        dated.until_on,
        case
            when dated.currency = dated.agreement_currency then dated.expense_amount
            else {{ to_minor_unit(widened('dated.expense_amount') ~ ' * rates.exchange_rate', 'dated.agreement_currency') }}
        end as amount
    from dated
    left join rates on rates.expense_key = dated.expense_key and rates.place = 1
    left join {{ ref('int_calendar__cut_offs') }} as cut_offs on cut_offs.day = cast(dated.reached_at as date)

),

expense_months as (

    select agreement_id, obligation_key, currency, period, until_on, cast(sum(amount) as decimal(18, 4)) as amount, count(*) as records
    from spent
    where amount is not null
    group by agreement_id, obligation_key, currency, period, until_on

),

unpriced as (

    -- Expenses in a currency without a rate on or before their day: the line waits for it, rather than earn too little.
    select agreement_id, obligation_key, currency, paid_in, period, min(counted_on) as first_on, count(*) as records
    from spent
    where amount is null
    group by agreement_id, obligation_key, currency, paid_in, period

),

lasts as (

    -- A line is over when its service ended and no work of it is still on its way.
    select agreement_id, agreement_line_key, end_on, connection, source_id, row_id
    from {{ ref('int_agreement_line__terms') }}
    where billing_type = 'tm' and agreement_id is not null and end_on < {{ as_of() }}

),

last_work as (

    select
        agreement_line_key,
        max(case when is_approved then posting_period end) as period,
        min(case when is_approved and kind = 'actual' and minutes > 0 then posting_period end) as first_period,
        max(case when state = 'submitted' and is_billable then 1 else 0 end) as is_waiting
    from {{ ref('int_time_entry__valued') }}
    where claim_state = 'ok' and agreement_line_key is not null and line_billing_type in ('tm', 'fixed_fee')
    group by agreement_line_key

),

closed as (

    select
        lasts.*,
        greatest({{ period_of('lasts.end_on') }}, coalesce(last_work.period, {{ period_of('lasts.end_on') }})) as period
    from lasts
    left join last_work on last_work.agreement_line_key = lasts.agreement_line_key
    where coalesce(last_work.is_waiting, 0) = 0

),

tasks as (

    select
        agreement_line_key,
        min(case when state = 'completed' then 1 else 0 end) as is_completed,
        max(updated_at) as completed_at,
        max_by(connection, concat(cast(updated_at as string), source_id)) as connection,
        max_by(source_id, concat(cast(updated_at as string), source_id)) as source_id,
        max_by(row_id, concat(cast(updated_at as string), source_id)) as row_id
    from {{ ref('int_task__claims') }}
    where role = 'PSA' and claim_state = 'ok' and kind <> 'milestone' and agreement_line_key is not null
    group by agreement_line_key

),

plans as (

    select obligation_key, max(period) as period
    from {{ ref('evidence_terms') }}
    where kind = 'signed' and quantity <> 0
    group by obligation_key

),

finished as (

    -- Tasks completed, some work approved, and nothing added to the plan since.
    select
        terms.agreement_id,
        terms.agreement_line_key,
        tasks.connection,
        tasks.source_id,
        tasks.row_id,
        cast(tasks.completed_at as date) as completed_on,
        ended.terminated_on,
        greatest({{ period_of('cast(tasks.completed_at as date)') }}, last_work.first_period, coalesce(plans.period, last_work.first_period)) as period
    from {{ ref('int_agreement_line__terms') }} as terms
    inner join tasks on tasks.agreement_line_key = terms.agreement_line_key and tasks.is_completed = 1
    inner join last_work on last_work.agreement_line_key = terms.agreement_line_key and last_work.first_period is not null
    left join plans on plans.obligation_key = terms.agreement_line_key
    left join {{ ref('int_agreement__terminations') }} as ended on ended.agreement_id = terms.agreement_id
    where terms.billing_type = 'fixed_fee' and terms.agreement_id is not null

)

select
    milestones.agreement_id,
    'accepted' as kind,
    milestones.accepted_on as happened_on,
    {{ period_of('milestones.accepted_on') }} as period,
    cast(null as integer) as version_no,
    coalesce(milestones.agreement_line_key, terms.agreement_line_key) as obligation_key,
    milestones.currency,
    milestones.milestone_amount as amount,
    cast(null as decimal(18, 8)) as quantity,
    cast(null as string) as unit,
    {{ json_of([('milestone', 'milestones.milestone_name')]) }} as attributes,
    milestones.connection,
    milestones.object,
    milestones.source_id,
    milestones.row_id,
    1 as records
from {{ ref('int_billing__milestones') }} as milestones
inner join {{ ref('int_agreement_line__terms') }} as terms
    on terms.agreement_line_key = milestones.agreement_line_key and terms.billing_type = 'milestone'
where
    milestones.accepted_on is not null and milestones.milestone_amount <> 0
    and milestones.agreement_id is not null

union all

select
    expense_months.agreement_id,
    'worked',
    periods.end_on,
    expense_months.period,
    cast(null as integer),
    expense_months.obligation_key,
    expense_months.currency,
    expense_months.amount,
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([
        ('approved', "'true'"),
        ('until', 'case when expense_months.until_on < periods.end_on then expense_months.until_on end'),
    ]) }},
    cast(null as string),
    'int_expense__claims',
    concat(expense_months.obligation_key, '@', expense_months.period),
    cast(null as bigint),
    expense_months.records
from expense_months
inner join {{ ref('int_calendar__periods') }} as periods on periods.period = expense_months.period

union all

select
    unpriced.agreement_id,
    'worked',
    unpriced.first_on,
    unpriced.period,
    cast(null as integer),
    unpriced.obligation_key,
    unpriced.currency,
    cast(null as decimal(18, 4)),
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([
        ('problem', "'rate_missing'"),
        ('message', "concat('Expenses in ', unpriced.paid_in, ' have no exchange rate to ', unpriced.currency, ' on or before ', "
            ~ "unpriced.first_on)"),
        ('then', "'Land the rate of that day from the ledger; the expenses count from the next run on.'"),
    ]) }},
    cast(null as string),
    'int_expense__claims',
    concat(unpriced.obligation_key, '@', unpriced.period, '@', unpriced.paid_in),
    cast(null as bigint),
    unpriced.records
from unpriced

union all

select
    closed.agreement_id,
    'completed',
    closed.end_on,
    closed.period,
    cast(null as integer),
    closed.agreement_line_key,
    cast(null as string),
    cast(null as decimal(18, 4)),
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([('reason', "'service_end'")]) }},
    closed.connection,
    'agreement_line',
    closed.source_id,
    closed.row_id,
    1
from closed

union all

select
    finished.agreement_id,
    'completed',
    case
        when finished.completed_on >= finished.terminated_on then greatest(periods.end_on, finished.terminated_on + 1)
        else periods.end_on
    end,
    finished.period,
    cast(null as integer),
    finished.agreement_line_key,
    cast(null as string),
    cast(null as decimal(18, 4)),
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([
        ('reason', "'tasks_completed'"),
        ('until', 'case when finished.completed_on < finished.terminated_on then finished.completed_on end'),
    ]) }},
    finished.connection,
    'stories',
    finished.source_id,
    finished.row_id,
    1
from finished
inner join {{ ref('int_calendar__periods') }} as periods on periods.period = finished.period
