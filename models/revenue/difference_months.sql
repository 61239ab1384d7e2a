{{ config(tags=['computed'], materialized='table', schema='intermediate') }}

-- Everything a difference is explained with, to date, by line and month up to the last month whose revenue run is done: what was
-- signed and planned, what time was done, where that time stands, what the evidence earns and what the books have.
{%- set measures = [
    'should_be', 'booked', 'signed', 'planned', 'planned_acceptance', 'valued', 'hours', 'hours_not_submitted', 'hours_not_approved', 'hours_approved',
    'hours_missing', 'value', 'value_not_submitted', 'value_not_approved', 'value_approved', 'value_counted', 'value_missing',
    'value_differing', 'value_unapproved', 'corrected', 'credited', 'accepted', 'incurred', 'planned_hours', 'cost', 'billed'
] %}
with run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

keyed as (

    select agreement_id, book, currency, obligation_key from {{ source('revenue', 'obligations') }}
    union
    select agreement_id, book, currency, obligation_key from {{ ref('line_balances') }}
    union
    select agreement_id, book, currency, obligation_key from {{ ref('evidence') }} where kind in ('worked', 'accepted') and obligation_key is not null
    union
    -- Work on lines that nobody signed is no evidence of revenue, and yet it was delivered.
    select worked.agreement_id, books.book, agreement.currency, worked.obligation_key
    from (select distinct agreement_id, obligation_key from {{ ref('time_months') }}) as worked
    inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = worked.agreement_id
    inner join (select distinct agreement_id, book from {{ ref('evidence') }}) as books on books.agreement_id = worked.agreement_id

),

odd as (

    -- What finance has of time that is not what the agreement makes it worth.
    select
        obligation_key, counted_in as period, sum(differing_amount) as value_differing, sum(unapproved_amount) as value_unapproved
    from {{ ref('time_exceptions') }}
    where line_billing_type = 'tm' and not is_adjustment and counted_in is not null
    group by obligation_key, counted_in

),

{#- Time by the month it was done in, or by the month it counts in. #}
{%- set by_month_of_work = {
    'hours': ["not is_adjustment", 'hours'],
    'cost': ["not is_adjustment", 'cost_amount'],
    'hours_not_submitted': ["state = 'new'", 'hours'],
    'hours_not_approved': ["state = 'submitted'", 'hours'],
    'hours_approved': ["state = 'approved' and not is_adjustment", 'hours'],
    'value': ["not is_adjustment and is_billable", 'amount'],
    'valued': ["not is_adjustment and is_billable", 'hours'],
    'value_not_submitted': ["state = 'new' and is_billable", 'amount'],
    'value_not_approved': ["state = 'submitted' and is_billable", 'amount'],
    'value_approved': ["state = 'approved' and is_billable and not is_adjustment", 'amount'],
} %}
{%- set by_month_counted = {
    'value_counted': ["is_billable and not is_adjustment", 'amount'],
    'value_missing': ["is_billable and not is_adjustment and not is_in_finance", 'amount'],
    'hours_missing': ["not is_adjustment and not is_in_finance", 'hours'],
    'corrected': ["is_adjustment and is_billable", 'amount'],
} %}

of_lines as (

    {%- for measure, facts in by_month_of_work.items() %}
    select obligation_key, worked_in as period, '{{ measure }}' as measure, sum({{ facts[1] }}) as amount
    from {{ ref('time_months') }}
    where {{ facts[0] }}
    group by 1, 2
    union all
    {%- endfor %}
    {%- for measure, facts in by_month_counted.items() %}
    select obligation_key, counted_in, '{{ measure }}', sum({{ facts[1] }})
    from {{ ref('time_months') }}
    where counted_in is not null and {{ facts[0] }}
    group by 1, 2
    union all
    {%- endfor %}
    {#- Time keeps the value of the rates known when it counted; what was agreed later counts in the month it was agreed in. #}
    {%- for measure, period in [('value', 'worked_in'), ('value_approved', 'worked_in'), ('value_counted', 'counted_in')] %}
    {%- for sign, month in [('-', period), ('', 'agreed_in')] %}
    select agreement_line_key, {{ month }}, '{{ measure }}', {{ sign }}amount
    from {{ ref('int_time_entry__rerated') }}
    union all
    {%- endfor %}
    {%- endfor %}
    select obligation_key, period, 'value_differing', value_differing from odd
    union all
    select obligation_key, period, 'value_unapproved', value_unapproved from odd
    union all
    select
        obligation_key, period,
        case measure when 'hours' then 'planned_hours' when 'acceptance' then 'planned_acceptance' else 'planned' end,
        quantity
    from {{ ref('planned_work') }}
    where measure in ('work', 'acceptance', 'hours')

),

moves as (

    select keyed.agreement_id, keyed.book, keyed.currency, keyed.obligation_key, of_lines.period, of_lines.measure, of_lines.amount
    from of_lines
    inner join keyed on keyed.obligation_key = of_lines.obligation_key
    union all
    select agreement_id, book, currency, obligation_key, period, 'should_be', period_amount from {{ source('revenue', 'recognition') }}
    union all
    select agreement_id, book, currency, obligation_key, period, 'booked', booked_period_amount from {{ ref('line_balances') }}
    union all
    select agreement_id, book, currency, obligation_key, period, 'credited', price_credit_amount from {{ ref('billing_movements') }} where obligation_key is not null
    union all
    select agreement_id, book, currency, obligation_key, period, 'billed', invoiced_amount - credited_amount from {{ ref('billing_movements') }} where obligation_key is not null
    union all
    select
        agreement_id, book, currency, obligation_key, period,
        case kind when 'signed' then 'signed' when 'accepted' then 'accepted' else 'incurred' end,
        amount
    from {{ ref('evidence') }}
    where
        obligation_key is not null
        and (
            kind = 'accepted'
            or (kind = 'signed' and {{ json_value('attributes', '$.is_signed') }} = 'true')
            or (kind = 'worked' and {{ json_value('attributes', '$.approved') }} = 'true')
        )

),

firsts as (

    select agreement_id, book, currency, obligation_key, min(period) as first_period
    from moves
    group by agreement_id, book, currency, obligation_key

),

spine as (

    select firsts.agreement_id, firsts.book, firsts.currency, firsts.obligation_key, periods.period, periods.end_on
    from firsts
    cross join run
    inner join {{ ref('int_calendar__periods') }} as periods
        on periods.period >= firsts.first_period and periods.period <= run.last_period

),

summed as (

    select
        agreement_id, book, currency, obligation_key, period,
        {%- for measure in measures %}
        sum(case when measure = '{{ measure }}' then amount else 0 end) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from moves
    group by agreement_id, book, currency, obligation_key, period

),

wholes as (

    select
        obligation_key,
        max(case when measure = 'work' then whole_quantity end) as whole_quantity,
        max(case when measure = 'acceptance' then whole_quantity end) as whole_acceptance,
        max(case when measure = 'hours' then whole_quantity end) as whole_hours
    from {{ ref('planned_work') }}
    group by obligation_key

),

opened as (

    -- What an hour cost in the first month a line was worked on: no system states a planned cost.
    select obligation_key, sum(cost_amount) as cost, sum(hours) as hours
    from (
        select *, min(worked_in) over (partition by obligation_key) as first_period
        from {{ ref('time_months') }}
        where not is_adjustment
    ) as worked
    where worked_in = first_period
    group by obligation_key

),

reduced as (

    -- A penalty is expected: from then on charged work is not worth what is charged.
    select agreement_id, book, min(period) as period
    from {{ ref('evidence') }}
    where kind = 'variable' and amount < 0
    group by agreement_id, book

),

modified as (

    select agreement_id, book, obligation_key, min(period) as period
    from {{ source('revenue', 'decisions') }}
    where treatment not in ('original', 'unsigned')
    group by agreement_id, book, obligation_key

)

select
    spine.agreement_id,
    spine.book,
    spine.currency,
    spine.obligation_key,
    spine.period,
    spine.end_on,
    coalesce(recognition.method, obligations.method) as method,
    recognition.period is not null as is_recomputed,
    coalesce(recognition.price_amount, 0) as price_amount,
    coalesce(recognition.done, 0) as done,
    coalesce(recognition.total, 0) as total,
    coalesce(obligations.cap_amount, agreement.cap_amount) as cap_amount,
    obligations.cap_amount as line_cap_amount,
    coalesce(wholes.whole_quantity, 0) as whole_quantity,
    coalesce(wholes.whole_acceptance, 0) as whole_acceptance,
    coalesce(wholes.whole_hours, 0) as whole_hours,
    coalesce(opened.cost, 0) as opening_cost,
    coalesce(opened.hours, 0) as opening_hours,
    coalesce(modified.period <= spine.period, false) or coalesce(whole.period <= spine.period, false) as is_modified,
    coalesce(reduced.period <= spine.period, false) as is_reduced,
    {%- for measure in measures %}
    cast(sum(coalesce(summed.{{ measure }}, 0)) over upto as decimal(18, 6)) as {{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
from spine
inner join {{ ref('int_ledger__books') }} as kept on kept.book = spine.book
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = spine.agreement_id
left join summed
    on summed.agreement_id = spine.agreement_id and summed.book = spine.book and summed.currency = spine.currency
    and summed.obligation_key = spine.obligation_key and summed.period = spine.period
left join {{ source('revenue', 'recognition') }} as recognition
    on recognition.agreement_id = spine.agreement_id and recognition.book = spine.book and recognition.currency = spine.currency
    and recognition.obligation_key = spine.obligation_key and recognition.period = spine.period
left join {{ source('revenue', 'obligations') }} as obligations
    on obligations.agreement_id = spine.agreement_id and obligations.book = spine.book and obligations.obligation_key = spine.obligation_key
left join reduced on reduced.agreement_id = spine.agreement_id and reduced.book = spine.book
left join wholes on wholes.obligation_key = spine.obligation_key
left join opened on opened.obligation_key = spine.obligation_key
left join modified
    on modified.agreement_id = spine.agreement_id and modified.book = spine.book and modified.obligation_key = spine.obligation_key
left join modified as whole
    on whole.agreement_id = spine.agreement_id and whole.book = spine.book and whole.obligation_key is null
window upto as (
    partition by spine.agreement_id, spine.book, spine.currency, spine.obligation_key order by spine.period
    rows between unbounded preceding and current row
)
