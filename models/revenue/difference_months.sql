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

{#- Time by the month it was done in, or by the month it counts in: measure -> what is added up, and of which time. #}
{%- set by_month_of_work = {
    'hours': ['hours', "not is_adjustment"],
    'cost': ['cost_amount', "not is_adjustment"],
    'hours_not_submitted': ['hours', "state = 'new'"],
    'hours_not_approved': ['hours', "state = 'submitted'"],
    'hours_approved': ['hours', "state = 'approved' and not is_adjustment"],
    'value': ['amount', "not is_adjustment and is_billable"],
    'valued': ['hours', "not is_adjustment and is_billable"],
    'value_not_submitted': ['amount', "state = 'new' and is_billable"],
    'value_not_approved': ['amount', "state = 'submitted' and is_billable"],
    'value_approved': ['amount', "state = 'approved' and is_billable and not is_adjustment"],
} %}
{%- set by_month_counted = {
    'value_counted': ['amount', "is_billable and not is_adjustment"],
    'value_missing': ['amount', "is_billable and not is_adjustment and not is_in_finance"],
    'hours_missing': ['hours', "not is_adjustment and not is_in_finance"],
    'corrected': ['amount', "is_adjustment and is_billable"],
} %}

of_lines as (

    {%- for period, added_up in [('worked_in', by_month_of_work), ('counted_in', by_month_counted)] %}
    {%- set sums = {} %}
    {%- for measure, facts in added_up.items() %}
    {%- do sums.update({measure: 'sum(case when ' ~ facts[1] ~ ' then ' ~ facts[0] ~ ' else 0 end)'}) %}
    {%- endfor %}
    select obligation_key, {{ period }} as period, {{ one_column_each(measures, sums) }}
    from {{ ref('time_months') }}
    where {{ period }} is not null and ({{ added_up.values() | map(attribute=1) | unique | join(' or ') }})
    group by 1, 2
    union all
    {%- endfor %}
    -- Time keeps the value of the rates known when it counted; what was agreed later counts in the month it was agreed in.
    {%- for period, moved in [
        ('worked_in', {'value': '-amount', 'value_approved': '-amount'}),
        ('counted_in', {'value_counted': '-amount'}),
        ('agreed_in', {'value': 'amount', 'value_approved': 'amount', 'value_counted': 'amount'}),
    ] %}
    select agreement_line_key, {{ period }}, {{ one_column_each(measures, moved) }}
    from {{ ref('int_time_entry__rerated') }}
    union all
    {%- endfor %}
    -- What finance has of time that is not what the agreement makes it worth.
    select obligation_key, counted_in, {{ one_column_each(measures, {'value_differing': 'differing_amount', 'value_unapproved': 'unapproved_amount'}) }}
    from {{ ref('time_exceptions') }}
    where line_billing_type = 'tm' and not is_adjustment and counted_in is not null
    union all
    select obligation_key, period, {{ one_column_each(measures, {
        'planned': "case when measure = 'work' then quantity else 0 end",
        'planned_acceptance': "case when measure = 'acceptance' then quantity else 0 end",
        'planned_hours': "case when measure = 'hours' then quantity else 0 end",
    }) }}
    from {{ ref('planned_work') }}
    where measure in ('work', 'acceptance', 'hours')

),

moves as (

    select keyed.agreement_id, keyed.book, keyed.currency, of_lines.*
    from of_lines
    inner join keyed on keyed.obligation_key = of_lines.obligation_key
    union all
    select agreement_id, book, currency, obligation_key, period, {{ one_column_each(measures, {'should_be': 'period_amount'}) }}
    from {{ source('revenue', 'recognition') }}
    union all
    select agreement_id, book, currency, obligation_key, period, {{ one_column_each(measures, {'booked': 'booked_period_amount'}) }}
    from {{ ref('line_balances') }}
    union all
    select agreement_id, book, currency, obligation_key, period, {{ one_column_each(measures, {
        'credited': 'price_credit_amount', 'billed': 'invoiced_amount - credited_amount',
    }) }}
    from {{ ref('billing_movements') }}
    where obligation_key is not null
    union all
    select agreement_id, book, currency, obligation_key, period, {{ one_column_each(measures, {
        'signed': "case when kind = 'signed' then amount else 0 end",
        'accepted': "case when kind = 'accepted' then amount else 0 end",
        'incurred': "case when kind = 'worked' then amount else 0 end",
    }) }}
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
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
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
