{{ config(tags=['computed'], materialized='table') }}

-- When each contract liability is planned to be earned, as it stood at every month's end: the balance is used up in order by what
-- is still planned of the agreement's lines. A ratable line is planned over the days or months that remain of its service, a line
-- by acceptance at its end, any other evenly to its end; what is earned as charged releases no more than it was billed ahead.
-- What no plan reaches - the service has ended, or nothing is left to earn - has no month (`release_period` is null). The rows of
-- an agreement and month add up to its contract liability, to the cent. Terms are those known now.
{%- set step = 377580 %}
{%- set whose = 'agreement_id, book, legal_entity_id, customer_id, currency, period' %}
with months as (

    select
        period,
        start_on,
        end_on,
        {{ days_from('start_on', 'end_on') }} + 1 as days,
        row_number() over (order by period) as month_no
    from {{ ref('int_calendar__periods') }}

),

held as (

    select
        {%- for name in whose.split(', ') %}
        positions.{{ name }},
        {%- endfor %}
        positions.contract_liability,
        months.end_on as held_on,
        months.month_no
    from {{ source('revenue', 'positions') }} as positions
    inner join months on months.period = positions.period
    where positions.contract_liability > 0

),

charged as (

    select agreement_id, book, obligation_key, period, sum(billed_amount) as billed_amount
    from (
        select agreement_id, book, obligation_key, period, 0 as billed_amount
        from {{ source('revenue', 'recognition') }}
        where method in ('as_charged', 'expense')

        union all

        select agreement_id, book, obligation_key, period, case when kind = 'credited' then -amount else amount end
        from {{ ref('evidence') }}
        where kind in ('invoiced', 'credited') and obligation_key is not null
    ) as billed
    group by agreement_id, book, obligation_key, period

),

billed as (

    select
        agreement_id,
        book,
        obligation_key,
        period,
        sum(billed_amount) over (partition by agreement_id, book, obligation_key order by period) as billed_amount
    from charged

),

-- What is left to earn of each line whose service has not ended, and from which day on.
ahead as (

    select
        held.*,
        recognition.obligation_key,
        recognition.method,
        obligations.start_on,
        obligations.end_on,
        case
            when recognition.method in ('as_charged', 'expense')
                then least(recognition.price_amount, coalesce(billed.billed_amount, 0)) - recognition.cumulative_amount
            else recognition.price_amount - recognition.cumulative_amount
        end as rest_amount
    from held
    inner join {{ source('revenue', 'recognition') }} as recognition
        on recognition.agreement_id = held.agreement_id and recognition.book = held.book and recognition.period = held.period
    inner join {{ source('revenue', 'obligations') }} as obligations
        on obligations.agreement_id = held.agreement_id and obligations.book = held.book
        and obligations.obligation_key = recognition.obligation_key
    left join billed
        on billed.agreement_id = held.agreement_id and billed.book = held.book
        and billed.obligation_key = recognition.obligation_key and billed.period = held.period
    where obligations.end_on > held.held_on

),

-- Time as whole steps, at the end of a day: days, or months of which a part counts by its days.
placed as (

    select
        ahead.*,
        ends.month_no as end_no,
        case when ahead.method = 'ratable_month' then 'months' when ahead.method in ('milestone', 'success_fee') then 'end' else 'days' end as axis,
        case
            when ahead.start_on is null or ahead.start_on <= ahead.held_on then ahead.month_no * {{ step }}
            else (starts.month_no - 1) * {{ step }}
                + {{ days_from('starts.start_on', 'ahead.start_on') }} * {{ whole_division(step, 'starts.days') }}
        end as first_step,
        (ends.month_no - 1) * {{ step }} + ({{ days_from('ends.start_on', 'ahead.end_on') }} + 1) * {{ whole_division(step, 'ends.days') }} as last_step,
        case
            when ahead.start_on is null or ahead.start_on <= ahead.held_on then 0 else {{ days_from('ahead.held_on', 'ahead.start_on') }} - 1
        end as first_day,
        {{ days_from('ahead.held_on', 'ahead.end_on') }} as last_day
    from ahead
    inner join months as ends on ends.period = {{ period_of('ahead.end_on') }}
    left join months as starts on starts.period = {{ period_of('ahead.start_on') }}
    where ahead.rest_amount > 0

),

-- To the end of each month to come: the part of the line that is planned by then.
planned as (

    select
        placed.*,
        months.period as release_period,
        months.month_no as release_no,
        case
            when months.month_no = placed.end_no then placed.rest_amount
            when placed.axis = 'end' then 0
            when placed.axis = 'months' then
                {{ to_minor_unit(share_of('placed.rest_amount', 'greatest(months.month_no * ' ~ step ~ ' - placed.first_step, 0)', '(placed.last_step - placed.first_step)'), 'placed.currency') }}
            else
                {{ to_minor_unit(share_of('placed.rest_amount', 'greatest(' ~ days_from('placed.held_on', 'months.end_on') ~ ' - placed.first_day, 0)', '(placed.last_day - placed.first_day)'), 'placed.currency') }}
        end as planned_amount
    from placed
    inner join months on months.month_no > placed.month_no and months.month_no <= placed.end_no

),

added as (

    select
        *,
        planned_amount - coalesce(
            lag(planned_amount) over (partition by agreement_id, book, period, obligation_key order by release_no), 0
        ) as added_amount
    from planned

),

monthly as (

    select {{ whose }}, contract_liability, month_no, release_period, release_no, sum(added_amount) as added_amount
    from added
    group by {{ whose }}, contract_liability, month_no, release_period, release_no

),

running as (

    select *, sum(added_amount) over (partition by agreement_id, book, period order by release_no) as upto_amount
    from monthly

),

released as (

    select
        {{ whose }},
        release_period,
        release_no - month_no <= 12 as is_within_year,
        least(contract_liability, upto_amount) - least(contract_liability, upto_amount - added_amount) as amount
    from running

),

dated as (

    select agreement_id, book, period, sum(amount) as amount
    from released
    group by agreement_id, book, period

)

select {{ whose }}, release_period, is_within_year, cast(amount as decimal(18, 4)) as amount
from released
where amount <> 0

union all

select
    {%- for name in whose.split(', ') %}
    held.{{ name }},
    {%- endfor %}
    cast(null as string) as release_period,
    false as is_within_year,
    cast(held.contract_liability - coalesce(dated.amount, 0) as decimal(18, 4)) as amount
from held
left join dated on dated.agreement_id = held.agreement_id and dated.book = held.book and dated.period = held.period
where held.contract_liability > coalesce(dated.amount, 0)
