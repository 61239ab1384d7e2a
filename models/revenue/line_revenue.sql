{{ config(tags=['computed'], materialized='table') }}

-- Revenue of every agreement line up to the last month whose revenue run is done, two ways: what the evidence says (one row a line)
-- and what the books have (`is_booked`, one row a revenue line): posted, taken back by credit memos, and planned since to correct it.
-- `question` is the one check that asks about the line, so that a difference is told once: modification where the two agreed up to an
-- amendment and the books then have what another treatment of it gives (`effect`); else by how the line is earned.
with run as (

    select last_period, ledger_connection from {{ ref('int_accounting_period__run') }}

),

totals as (

    select
        agreement_id,
        book,
        currency,
        obligation_key,
        max_by(cumulative_amount, period) as cumulative_amount,
        max_by(difference_amount, period) as difference_amount,
        min(case when difference_amount <> 0 then period end) as first_off,
        max(case when difference_amount = 0 and cumulative_amount <> 0 then period end) as agreed_in
    from {{ ref('line_balances') }}
    group by agreement_id, book, currency, obligation_key

),

measured as (

    select
        agreement_id,
        book,
        currency,
        obligation_key,
        max_by(done, period) as done,
        max_by(total, period) as total,
        max_by(price_amount, period) as price_amount
    from {{ source('revenue', 'recognition') }}
    cross join run
    where recognition.period <= run.last_period
    group by agreement_id, book, currency, obligation_key

),

-- The last amendment of each line that measures anew what it earned already, or what is left of it.
decided as (

    select
        decisions.agreement_id,
        decisions.book,
        decisions.obligation_key,
        max_by(decisions.treatment, decisions.version_no) as treatment,
        max_by(decisions.period, decisions.version_no) as decided_in,
        max_by(decisions.effect_amount, decisions.version_no) as effect_amount,
        max_by(decisions.rule, decisions.version_no) as treatment_rule,
        max(decisions.version_no) as version_no
    from {{ source('revenue', 'decisions') }} as decisions
    cross join run
    where
        decisions.obligation_key is not null and decisions.period <= run.last_period
        and decisions.treatment in ('catch_up', 'prospective', 'credit_for_past')
    group by decisions.agreement_id, decisions.book, decisions.obligation_key

),

-- Each amended line before its amendment and in the month of it, and what the books had by then.
amended as (

    select
        decided.agreement_id,
        decided.book,
        decided.obligation_key,
        max_by(recognition.price_amount, recognition.period) filter (recognition.period < decided.decided_in) as old_price,
        max_by(recognition.cumulative_amount, recognition.period) filter (recognition.period < decided.decided_in) as old_amount,
        max_by(recognition.done, recognition.period) filter (recognition.period < decided.decided_in) as old_done,
        max_by(recognition.total, recognition.period) filter (recognition.period < decided.decided_in) as old_total,
        max_by(recognition.price_amount, recognition.period) as price,
        max_by(recognition.done, recognition.period) as done,
        max_by(recognition.total, recognition.period) as total
    from decided
    inner join {{ source('revenue', 'recognition') }} as recognition
        on recognition.agreement_id = decided.agreement_id and recognition.book = decided.book
        and recognition.obligation_key = decided.obligation_key and recognition.period <= decided.decided_in
    group by decided.agreement_id, decided.book, decided.obligation_key

),

treated as (

    select
        amended.agreement_id,
        amended.book,
        amended.obligation_key,
        balances.currency,
        case
            {%- for price, total, effect in [
                ('price', 'old_total', 'price without its progress'), ('old_price', 'total', 'progress without its price'),
                ('old_price', 'old_total', 'no effect yet'),
            ] %}
            when
                {{ total }} > 0
                and abs(balances.booked_cumulative_amount - {{ earned_share(price, 'least(done, ' ~ total ~ ')', total, 'balances.currency') }}) <= 1
                then '{{ effect }}'
            {%- endfor %}
            when
                decided.treatment <> 'prospective'
                and total > old_done
                and abs(
                    balances.booked_cumulative_amount - old_amount
                    - {{ earned_share('(price - old_amount)', '(done - old_done)', '(total - old_done)', 'balances.currency') }}
                ) <= 1
                then 'spread over the rest'
            when
                decided.treatment <> 'catch_up'
                and total > 0
                and abs(balances.booked_cumulative_amount - {{ earned_share('price', 'least(done, total)', 'total', 'balances.currency') }}) <= 1
                then 'caught up at once'
        end as effect
    from amended
    inner join decided
        on decided.agreement_id = amended.agreement_id and decided.book = amended.book
        and decided.obligation_key = amended.obligation_key
    inner join {{ ref('line_balances') }} as balances
        on balances.agreement_id = amended.agreement_id and balances.book = amended.book
        and balances.obligation_key = amended.obligation_key and balances.period = decided.decided_in
    where abs(balances.difference_amount) > 1

),

-- The elements of each line: what they are allocated, and the largest, which a correction goes to.
elements as (

    select
        coalesce(agreement_line_key, {{ expenses_of('agreement_number') }}) as obligation_key,
        book,
        max_by(source_id, (allocation_amount, source_id)) as obligation_ref,
        sum(allocation_amount) as allocated_amount,
        max(method) as method,
        max(case when needs_plan_update then 1 else 0 end) = 1 as needs_plan_update,
        min(start_on) as start_on,
        max(end_on) as end_on
    from {{ ref('int_obligation__claims') }}
    where claim_state = 'ok' and not coalesce(is_return, false)
    group by coalesce(agreement_line_key, {{ expenses_of('agreement_number') }}), book

),

-- Where the evidence of a line comes from: the version that brought it.
signed as (

    select agreement_id, book, obligation_key, connection, object, source_id, row_id
    from (
        select
            *,
            row_number() over (partition by agreement_id, book, obligation_key order by version_no, row_id) as place
        from {{ ref('evidence') }}
        where kind = 'signed' and obligation_key is not null
    ) as versions
    where place = 1

),

booked as (

    select
        claims.*,
        coalesce(claims.agreement_line_key, {{ expenses_of('agreement.agreement_number') }}) as obligation_key
    from {{ ref('int_revenue_line__claims') }} as claims
    cross join run
    inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = claims.agreement_id
    left join {{ ref('int_obligation__claims') }} as returns
        on claims.is_return and returns.connection = claims.connection and returns.source_id = claims.obligation_ref
        and returns.claim_state = 'ok'
    left join {{ ref('int_invoice_line__claims') }} as credits
        on credits.connection = returns.connection and credits.source_id = returns.credit_line_ref
        and credits.claim_state = 'ok'
    where
        claims.claim_state = 'ok'
        and (
            claims.status = 'posted' and claims.period <= run.last_period
            or claims.status = 'planned' and (claims.is_catch_up or claims.is_return and credits.period <= run.last_period)
        )

),

booked_totals as (

    select agreement_id, book, currency, obligation_key, sum(revenue_amount) as booked_amount
    from booked
    group by agreement_id, book, currency, obligation_key

),

lines as (

    select
        totals.agreement_id,
        agreement.customer_id,
        agreement.legal_entity_id,
        totals.book,
        totals.currency,
        totals.obligation_key,
        totals.cumulative_amount as earned_amount,
        cast(coalesce(booked_totals.booked_amount, 0) as decimal(18, 4)) as booked_amount,
        totals.first_off,
        obligations.obligation_name,
        obligations.method,
        coalesce(obligations.status, 'unknown') as status,
        obligations.start_on as service_start_on,
        obligations.end_on as service_end_on,
        measured.done as done_value,
        measured.total as total_value,
        measured.price_amount,
        decided.treatment,
        decided.decided_in,
        decided.effect_amount,
        decided.treatment_rule,
        decided.version_no,
        treated.effect,
        elements.obligation_ref,
        elements.allocated_amount,
        coalesce(elements.needs_plan_update, false) as needs_plan_update,
        elements.start_on,
        elements.end_on,
        run.last_period,
        run.ledger_connection,
        hidden.evidence_row_count as hidden_row_count,
        coalesce(signed.connection, agreement.connection) as signed_connection,
        coalesce(signed.object, agreement.object) as signed_object,
        coalesce(signed.source_id, agreement.source_id) as signed_source_id,
        coalesce(signed.row_id, agreement.row_id) as signed_row_id,
        case
            when obligations.method = 'success_fee' or elements.method = 'on_outcome' then 'outcome'
            when
                treated.effect is not null and totals.first_off = decided.decided_in and totals.agreed_in < decided.decided_in
                and obligations.method not in ('as_charged', 'expense') and elements.allocated_amount = measured.price_amount
                then 'modification'
            when obligations.method in ('as_charged', 'expense') then 'charged'
            when {{ is_earned_by_time('obligations.method') }} then 'ratable'
            when obligations.method = 'milestone' then 'acceptance'
            when obligations.method is not null or elements.method = 'percent_complete' then 'progress'
            when elements.method = 'straight_line' then 'ratable'
            when elements.method = 'milestone' then 'acceptance'
            else 'charged'
        end as question
    from totals
    inner join {{ ref('int_ledger__books') }} as kept on kept.book = totals.book
    cross join run
    cross join {{ ref('revenue_hidden_rows') }} as hidden
    inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = totals.agreement_id
    left join {{ source('revenue', 'obligations') }} as obligations
        on obligations.agreement_id = totals.agreement_id and obligations.book = totals.book
        and obligations.obligation_key = totals.obligation_key
    left join measured
        on measured.agreement_id = totals.agreement_id and measured.book = totals.book
        and measured.currency = totals.currency and measured.obligation_key = totals.obligation_key
    left join decided
        on decided.agreement_id = totals.agreement_id and decided.book = totals.book
        and decided.obligation_key = totals.obligation_key
    left join treated
        on treated.agreement_id = totals.agreement_id and treated.book = totals.book
        and treated.currency = totals.currency and treated.obligation_key = totals.obligation_key
    left join booked_totals
        on booked_totals.agreement_id = totals.agreement_id and booked_totals.book = totals.book
        and booked_totals.currency = totals.currency and booked_totals.obligation_key = totals.obligation_key
    left join elements on elements.obligation_key = totals.obligation_key and elements.book = totals.book
    left join signed
        on signed.agreement_id = totals.agreement_id and signed.book = totals.book
        and signed.obligation_key = totals.obligation_key

)


select
    signed_row_id as row_id,
    signed_connection as connection,
    'CRM' as role,
    signed_object as object,
    signed_source_id as source_id,
    last_period as period,
    false as is_booked,
    earned_amount as amount,
    lines.*
from lines

union all

select
    booked.row_id,
    booked.connection,
    booked.role,
    booked.object,
    booked.source_id,
    booked.period,
    true,
    booked.revenue_amount,
    lines.*
from booked
inner join lines
    on lines.agreement_id = booked.agreement_id and lines.book = booked.book
    and lines.currency = booked.currency and lines.obligation_key = booked.obligation_key
