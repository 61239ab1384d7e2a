{{ config(tags=['computed']) }}

-- The records behind the causes of differences, each with what it adds to its cause in its month. A record that leaves a cause again
-- (a milestone accepted after its month, time that reached finance late) is there twice, with opposite signs. What single records
-- do not carry (hours of a plan, a modification, what the books have otherwise) stands at the line itself: its record is the line of
-- the last version signed, the obligation in the books, or its time of the month (`line@month`). So the records of a cause add up to it.
with months as (

    select
        *,
        price_amount + credited as gross_price,
        method = 'hours' and should_be = price_amount and price_amount <> 0 as is_finished
    from {{ ref('difference_months') }}

),

milestones as (

    select
        agreement_line_key as obligation_key, milestone_name, milestone_amount, row_id, connection, object, source_id,
        invoice_on, accepted_on
    from {{ ref('int_milestone__claims') }}
    where role = 'PSA' and claim_state = 'ok' and milestone_amount <> 0 and agreement_line_key is not null

),

due as (

    select milestones.*, coalesce(milestones.invoice_on, terms.end_on) as planned_on
    from milestones
    inner join {{ ref('int_agreement_line__terms') }} as terms
        on terms.agreement_line_key = milestones.obligation_key and terms.billing_type = 'milestone'

),

awaited as (

    select
        obligation_key, {{ period_of('planned_on') }} as period, milestone_amount as weight, milestone_name as about, planned_on as happened_on,
        row_id, connection, object, source_id
    from due
    where accepted_on is null or {{ period_of('accepted_on') }} <> {{ period_of('planned_on') }}
    union all
    select obligation_key, {{ period_of('accepted_on') }}, -milestone_amount, milestone_name, planned_on, row_id, connection, object, source_id
    from due
    where accepted_on is not null and {{ period_of('accepted_on') }} <> {{ period_of('planned_on') }}

),

run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

of_time as (

    {%- set listed = [
        ('time_not_submitted', 'worked_in', 'hours', 'value_amount', "state = 'new'"),
        ('time_not_approved', 'worked_in', 'hours', 'value_amount', "state = 'submitted'"),
        ('late_to_finance', 'worked_in', 'hours', 'value_amount', "state = 'approved' and counted_in > worked_in and counted_in > run.last_period"),
        ('not_in_finance', 'counted_in', 'hours', 'value_amount', "state = 'approved' and not is_in_finance"),
        ('other_in_finance', 'counted_in', 'null', 'differing_amount', 'differing_amount <> 0'),
        ('unapproved_in_finance', 'counted_in', 'null', '-unapproved_amount', 'unapproved_amount <> 0'),
    ] %}
    {%- for cause, period, hours, amount, condition in listed %}
    select
        obligation_key, {{ period }} as period, '{{ cause }}' as cause, cast({{ hours }} as decimal(18, 8)) as hours, {{ amount }} as amount,
        is_billable, role_name as about, happened_on, row_id, connection, object, source_id
    from {{ ref('time_exceptions') }}
    cross join run
    where not is_adjustment and {{ period }} is not null and {{ condition }}
    union all
    {%- endfor %}
    select
        obligation_key, counted_in, 'time_corrected', cast(null as decimal(18, 8)), -value_amount, is_billable, role_name,
        happened_on, row_id, connection, object, source_id
    from {{ ref('time_exceptions') }}
    where is_adjustment and state = 'approved' and counted_in is not null
    union all
    {#- What was late and has come since: by line and pair of months, once in each with opposite signs. #}
    {%- for period, sign in [('worked_in', ''), ('counted_in', '-')] %}
    select
        time_months.obligation_key, time_months.{{ period }}, 'late_to_finance', {{ sign }}time_months.hours, {{ sign }}time_months.amount,
        time_months.is_billable, concat('work of ', time_months.worked_in, ' that counts in ', time_months.counted_in),
        periods.end_on, cast(null as bigint), cast(null as string), 'int_time_entry__valued',
        concat(time_months.obligation_key, '@', time_months.worked_in)
    from (
        select
            obligation_key, worked_in, counted_in, state, is_adjustment, is_billable, is_in_finance, sum(hours) as hours, sum(amount) as amount
        from {{ ref('time_months') }}
        group by 1, 2, 3, 4, 5, 6, 7
    ) as time_months
    inner join {{ ref('int_calendar__periods') }} as periods on periods.period = time_months.worked_in
    cross join run
    where
        time_months.counted_in > time_months.worked_in and time_months.counted_in <= run.last_period and not time_months.is_adjustment
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

steps as (

    select agreement_id, book, currency, obligation_key, period, cause, max(amount) as amount
    from {{ ref('difference_steps') }}
    where cause not in ('from', 'to')
    group by agreement_id, book, currency, obligation_key, period, cause

),

single as (

    select
        months.agreement_id, months.book, months.currency, months.obligation_key, months.period, 'milestone_not_accepted' as cause,
        {{ earned_share('months.gross_price', 'awaited.weight', 'months.total', 'months.currency') }} as amount,
        cast(null as decimal(18, 8)) as hours,
        awaited.about, awaited.happened_on, awaited.row_id, awaited.connection, awaited.object, awaited.source_id
    from awaited
    inner join months
        on months.obligation_key = awaited.obligation_key and months.period = awaited.period and months.method = 'milestone'
    union all
    select
        months.agreement_id, months.book, months.currency, months.obligation_key, months.period, of_time.cause,
        case
            when months.method = 'as_charged' then of_time.amount
            else {{ earned_share('months.gross_price', 'of_time.hours', 'months.total', 'months.currency') }}
        end,
        of_time.hours,
        of_time.about, of_time.happened_on, of_time.row_id, of_time.connection, of_time.object, of_time.source_id
    from of_time
    inner join months
        on months.obligation_key = of_time.obligation_key and months.period = of_time.period and months.is_recomputed
        and (
            (months.method = 'as_charged' and of_time.is_billable)
            or (
                months.method = 'hours' and of_time.hours is not null
                and (not months.is_finished or of_time.cause = 'late_to_finance')
            )
        )
    union all
    select
        evidence.agreement_id, evidence.book, evidence.currency, evidence.obligation_key, evidence.period, 'credit', evidence.amount,
        cast(null as decimal(18, 8)),
        {{ json_value('evidence.attributes', '$.document') }}, evidence.happened_on, evidence.row_id, evidence.connection, evidence.object, evidence.source_id
    from {{ ref('evidence') }} as evidence
    where
        evidence.kind = 'credited' and evidence.obligation_key is not null
        and {{ json_value('evidence.attributes', '$.reason') }} in ('concession', 'hours_rejected', 'rejected', 'service_credit')
    union all
    select
        agreement_id, book, currency, obligation_key, period, 'delayed_invoicing', case kind when 'credited' then amount else -amount end,
        cast(null as decimal(18, 8)),
        {{ json_value('attributes', '$.document') }}, happened_on, row_id, connection, object, source_id
    from {{ ref('evidence') }}
    where kind in ('invoiced', 'credited') and obligation_key is not null

),

-- Only what belongs to a cause that stands: work beyond a cap, for one, explains nothing.
kept as (

    select single.*
    from single
    inner join steps
        on steps.agreement_id = single.agreement_id and steps.book = single.book and steps.currency = single.currency
        and steps.obligation_key = single.obligation_key and steps.period = single.period and steps.cause = single.cause
    where single.amount <> 0

),

carried as (

    select agreement_id, book, currency, obligation_key, period, cause, sum(amount) as amount
    from kept
    group by agreement_id, book, currency, obligation_key, period, cause

),

signed as (

    select agreement_id, book, obligation_key, row_id, connection, object, source_id
    from (
        select
            *,
            row_number() over (partition by agreement_id, book, obligation_key order by version_no desc, happened_on desc, source_id) as place
        from {{ ref('evidence') }}
        where kind = 'signed' and obligation_key is not null
    ) as versions
    where place = 1

),

elements as (

    select book, agreement_line_key, row_id, connection, object, source_id
    from (
        select *, row_number() over (partition by book, agreement_line_key order by connection, source_id) as place
        from {{ ref('int_obligation__claims') }}
        where claim_state = 'ok' and not coalesce(is_return, false) and agreement_line_key is not null
    ) as claims
    where place = 1

),

of_lines as (

    select
        steps.agreement_id, steps.book, steps.currency, steps.obligation_key, steps.period, steps.cause,
        steps.amount - coalesce(carried.amount, 0) as amount,
        cast(null as decimal(18, 8)) as hours,
        'the line itself' as about,
        periods.end_on as happened_on,
        {%- set of_books = "steps.cause in ('books_differ', 'delayed_invoicing') and elements.row_id is not null" %}
        {%- set of_time = "steps.cause in ('staffing', 'scope_drift', 'hours_not_worked', 'not_signed')" %}
        case when {{ of_time }} then null when {{ of_books }} then elements.row_id else signed.row_id end as row_id,
        case when {{ of_time }} then null when {{ of_books }} then elements.connection else signed.connection end as connection,
        case when {{ of_time }} then 'int_time_entry__valued' when {{ of_books }} then elements.object else signed.object end as object,
        case
            when {{ of_time }} then concat(steps.obligation_key, '@', steps.period)
            when {{ of_books }} then elements.source_id
            else signed.source_id
        end as source_id
    from steps
    inner join {{ ref('int_calendar__periods') }} as periods on periods.period = steps.period
    left join carried
        on carried.agreement_id = steps.agreement_id and carried.book = steps.book and carried.currency = steps.currency
        and carried.obligation_key = steps.obligation_key and carried.period = steps.period and carried.cause = steps.cause
    left join signed
        on signed.agreement_id = steps.agreement_id and signed.book = steps.book and signed.obligation_key = steps.obligation_key
    left join elements on elements.book = steps.book and elements.agreement_line_key = steps.obligation_key
    where steps.amount <> coalesce(carried.amount, 0)

),

not_due as (

    -- What waits to be due, or has become due, in a month: its record is the last advance invoice until then, or what says of an
    -- invoice that it can be cancelled.
    select
        bridges.agreement_id, bridges.book, bridges.currency, advances.obligation_key, bridges.period, -bridges.amount as amount,
        {{ json_value('advances.attributes', '$.document') }} as about,
        advances.happened_on, advances.row_id, advances.connection, advances.object, advances.source_id,
        row_number() over (
            partition by bridges.agreement_id, bridges.book, bridges.period order by advances.happened_on desc, advances.row_id desc
        ) as newest
    from {{ ref('bridges') }} as bridges
    inner join {{ ref('evidence') }} as advances
        on advances.agreement_id = bridges.agreement_id and advances.book = bridges.book and advances.period <= bridges.period
        and (
            advances.kind = 'right_to_consideration'
            or (advances.kind = 'invoiced' and {{ json_value('advances.attributes', '$.advance') }} = 'true')
        )
    where bridges.bridge = 'billing_to_revenue' and bridges.cause = 'not_due'

),

positions as (

    select agreement_id, book, period, previous_period from {{ ref('position_movements') }}

),

documents as (

    -- Billing less revenue of a line, by what it is earned by, in the month of the position that counts it.
    select
        evidence.agreement_id, evidence.book, evidence.currency, evidence.obligation_key, positions.period,
        case
            when evidence.kind = 'credited' and coalesce({{ json_value('evidence.attributes', '$.reason') }}, '') not in ('concession', 'hours_rejected', 'rejected', 'service_credit') then 'credited'
            else {{ billing_cause_of('obligations.method') }}
        end as cause,
        case evidence.kind when 'credited' then -evidence.amount else evidence.amount end as amount,
        cast(null as decimal(18, 8)) as hours,
        {{ json_value('evidence.attributes', '$.document') }} as about,
        evidence.happened_on, evidence.row_id, evidence.connection, evidence.object, evidence.source_id
    from {{ ref('evidence') }} as evidence
    {{ join_counting_position('positions', 'evidence') }}
    left join {{ source('revenue', 'obligations') }} as obligations
        on obligations.agreement_id = evidence.agreement_id and obligations.book = evidence.book
        and obligations.obligation_key = evidence.obligation_key
    where evidence.kind in ('invoiced', 'credited')
    union all
    select
        recognition.agreement_id, recognition.book, recognition.currency, recognition.obligation_key, positions.period,
        {{ billing_cause_of('recognition.method') }}, -recognition.period_amount, cast(null as decimal(18, 8)),
        'revenue of the month', periods.end_on, cast(null as bigint), cast(null as string), 'recognition', recognition.obligation_key
    from {{ source('revenue', 'recognition') }} as recognition
    {{ join_counting_position('positions', 'recognition') }}
    inner join {{ ref('int_calendar__periods') }} as periods on periods.period = recognition.period
    where recognition.period_amount <> 0
    union all
    select
        agreement_id, book, currency, obligation_key, period, 'not_due', amount, cast(null as decimal(18, 8)), about, happened_on,
        row_id, connection, object, source_id
    from not_due
    where newest = 1

),

every as (

    select * from kept
    union all
    select * from of_lines
    union all
    select * from documents
    where period <= (select max(period) from {{ ref('difference_months') }})

)

select
    every.agreement_id,
    every.book,
    agreement.legal_entity_id,
    agreement.customer_id,
    every.currency,
    every.obligation_key,
    every.period,
    every.cause,
    every.about,
    cast(every.happened_on as date) as happened_on,
    cast(every.amount as decimal(18, 4)) as amount,
    cast(every.hours as decimal(18, 8)) as hours,
    every.connection,
    every.object,
    every.source_id,
    every.row_id
from every
inner join {{ ref('int_ledger__books') }} as held on held.book = every.book
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = every.agreement_id
