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

{# The key of what an agreement reimburses: expenses belong to no line of it. #}
{% macro expenses_of(agreement_number) -%}
    concat({{ agreement_number }}, '/expenses')
{%- endmacro %}
