{# Pieces of the revenue models. #}

{# A JSON object as text from (name, expression) pairs; every value is written as text, so that no amount becomes a float. #}
{% macro json_of(pairs) -%}
    {{ return(adapter.dispatch('json_of', 'tieout')(pairs)) }}
{%- endmacro %}

{% macro duckdb__json_of(pairs) -%}
    cast(json_object({% for name, value in pairs %}'{{ name }}', cast({{ value }} as string){{ ', ' if not loop.last }}{% endfor %}) as string)
{%- endmacro %}

{% macro spark__json_of(pairs) -%}
    to_json(named_struct({% for name, value in pairs %}'{{ name }}', cast({{ value }} as string){{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{# One column for each of `measures`: what is `given` for it (measure -> expression), else nought. So sources that know different
   things are added up together. #}
{% macro one_column_each(measures, given) -%}
    {%- for measure in measures %}{{ given.get(measure, '0') }} as {{ measure }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{# The month something belongs to: that of its day when it reached finance before the month's cut-off, else the earliest month
   whose cut-off was still ahead. `cut_offs` is the alias of int_calendar__cut_offs joined on the day it reached finance. #}
{% macro period_reached(day, reached_at, cut_offs='cut_offs') -%}
    case
        when {{ reached_at }} is null then {{ period_of(day) }}
        else greatest(
            {{ period_of(day) }},
            case
                when {{ cut_offs }}.cut_off_at is null or {{ reached_at }} < {{ cut_offs }}.cut_off_at then {{ cut_offs }}.period_before
                else {{ cut_offs }}.period_after
            end
        )
    end
{%- endmacro %}

{# Hours with four decimals, as invoices and timesheets of the books state them. #}
{% macro billed_hours(minutes) -%}
    cast({{ divide_half_up('(' ~ minutes ~ ' * 10000)', 60) }} * 0.0001 as decimal(18, 8))
{%- endmacro %}

{# Agreement lines of which the revenue register says by what they are earned, and by what: the hours of such a line count whatever
   its billing type. One row per line and method. #}
{% macro stated_methods() -%}
    {% if is_configured('revenue_register') -%}
    select distinct obligation_key, method
    from {{ ref('stg_revenue_register__entries') }}
    where kind = 'method' and obligation_key is not null
    {%- else -%}
    select cast(null as string) as obligation_key, cast(null as string) as method
    where false
    {%- endif %}
{%- endmacro %}

{# Whether time passing earns a line of that method: ratable services, and banks of hours that stand ready. #}
{% macro is_earned_by_time(method) -%}
    coalesce({{ method }} in ('ratable_day', 'ratable_month', 'hour_bank'), false)
{%- endmacro %}

{# The key of what an agreement reimburses: expenses belong to no line of it. #}
{% macro expenses_of(agreement_number) -%}
    concat({{ agreement_number }}, '/expenses')
{%- endmacro %}

{# price x part / whole as revenue rounds it: once, to the minor unit of the currency, halves away from zero; zero where there is
   no whole. Integers throughout: ten-thousandths of the price x millionths of the part. #}
{% macro earned_share(price, part, whole, currency) -%}
    {%- set product = _scaled(price, 4) ~ ' * ' ~ _scaled(part, 6) -%}
    {%- set divisor = _scaled(whole, 6) ~ ' * 10000' -%}
    {%- set sign = 'sign(' ~ price ~ ') * sign(' ~ part ~ ')' -%}
    cast(case
        when {{ whole }} > 0 and {{ currency }} in ({{ currencies_without_decimals() }})
            then {{ _whole_units(sign, product, divisor, 1) }}
        when {{ whole }} > 0 and {{ currency }} in ({{ currencies_with_three_decimals() }})
            then {{ _whole_units(sign, product, divisor, 1000) }} * 0.001
        when {{ whole }} > 0 then {{ _whole_units(sign, product, divisor, 100) }} * 0.01
        else 0
    end as decimal(18, 4))
{%- endmacro %}

{% macro _whole_units(sign, product, divisor, units) -%}
    ({{ sign }} * {{ whole_division('(2 * abs(' ~ product ~ ') * ' ~ units ~ ' + (' ~ divisor ~ '))', '(2 * (' ~ divisor ~ '))') }})
{%- endmacro %}

{# A number of up to eight decimals with its point moved to the right, as a wide integer. Nearly all fit 18 digits, and moving the
   point of those takes a thirtieth of what it takes in a wide decimal. #}
{% macro _scaled(number, digits) -%}
    {%- set scale = ' * 1' ~ '0' * digits -%}
    case
        when abs({{ number }}) < 1{{ '0' * (12 - digits) }}
            then {{ wide_integer('cast(cast(' ~ number ~ ' as decimal(18, 8)) as decimal(18, 6))' ~ scale) }}
        else {{ wide_integer(widened(number) ~ scale) }}
    end
{%- endmacro %}

{# What a quantity of a line's progress earns to date before credits, no more than its price; a line whose service ended
   (`is_finished`) has earned it. Reads gross_price, credited, total, currency, should_be and is_finished. #}
{% macro earned_by(quantity) -%}
    case when is_finished then should_be + credited else {{ earned_share('gross_price', 'least(' ~ quantity ~ ', total)', 'total', 'currency') }} end
{%- endmacro %}

{# Why billing and revenue of a line fall apart, by what the line is earned by. #}
{% macro billing_cause_of(method) -%}
    case
        when {{ method }} in ('as_charged', 'expense') then 'tm_lag'
        when {{ method }} in ('ratable_day', 'ratable_month', 'hour_bank', 'hour_bank_usage') then 'advance_billing'
        when {{ method }} is null then 'unassigned'
        else 'milestone_timing'
    end
{%- endmacro %}

{# Joins what happened in a month to the position that counts it: the next one, for an agreement has no position in a month in
   which a line of it cannot be measured. Positions know the month of the one before. #}
{% macro join_counting_position(positions, moved) -%}
    inner join {{ positions }}
        on {{ positions }}.agreement_id = {{ moved }}.agreement_id and {{ positions }}.book = {{ moved }}.book
        and {{ moved }}.period <= {{ positions }}.period
        and ({{ positions }}.previous_period is null or {{ moved }}.period > {{ positions }}.previous_period)
{%- endmacro %}

{# Whose queue the cause of a difference belongs to. #}
{% macro owner_of_cause(cause) -%}
    case
        when {{ cause }} in (
            'milestone_not_accepted', 'hours_behind_plan', 'rate_mix', 'time_not_submitted', 'time_not_approved', 'late_to_finance',
            'cap_reached', 'not_signed', 'fixed_price', 'staffing', 'scope_drift', 'hours_not_worked', 'revenue_behind_plan'
        ) then 'service_delivery'
        when {{ cause }} in (
            'not_in_finance', 'other_in_finance', 'unapproved_in_finance', 'time_corrected', 'credit', 'credited', 'not_due', 'tm_lag',
            'milestone_timing', 'advance_billing', 'delayed_invoicing'
        ) then 'finance_operations'
        else 'revenue_accounting'
    end
{%- endmacro %}
