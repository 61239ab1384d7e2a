{# Time, hashes and JSON: what engines spell differently, behind one name each (DuckDB and Spark). #}

{# A local timestamp of the connection -> UTC. One zone: a constant; several: chosen row by row by `_connection`. #}
{% macro utc_of_local(timestamp) -%}
    {%- set zones = var('time_zones', {}) -%}
    {%- set default_zone = var('time_zone', 'UTC') -%}
    {%- if zones.values() | list | unique | list | length > 1 -%}
        {%- set zone -%}
            case _connection {% for name, zone in zones | dictsort %}when '{{ name }}' then '{{ zone }}' {% endfor %}else '{{ default_zone }}' end
        {%- endset -%}
    {%- elif zones -%}
        {%- set zone = "'" ~ (zones.values() | list | first) ~ "'" -%}
    {%- else -%}
        {%- set zone = "'" ~ default_zone ~ "'" -%}
    {%- endif -%}
    {{ adapter.dispatch('to_utc', 'tieout')(timestamp, zone) }}
{%- endmacro %}

{% macro duckdb__to_utc(timestamp, zone) -%}
    make_timestamp(epoch_us(timezone({{ zone }}, {{ timestamp }})))
{%- endmacro %}

{% macro spark__to_utc(timestamp, zone) -%}
    to_utc_timestamp({{ timestamp }}, {{ zone }})
{%- endmacro %}

{% macro utc_of_instant(text) -%}
    {{ return(adapter.dispatch('utc_of_instant', 'tieout')(text)) }}
{%- endmacro %}

{% macro duckdb__utc_of_instant(text) -%}
    make_timestamp(epoch_us(try_cast({{ text }} as timestamptz)))
{%- endmacro %}

{% macro spark__utc_of_instant(text) -%}
    cast(try_to_timestamp({{ text }}) as timestamp_ntz)
{%- endmacro %}

{# Accounting period of a date: '2026-02'. #}
{% macro period_of(date) -%}
    {{ return(adapter.dispatch('period_of', 'tieout')(date)) }}
{%- endmacro %}

{% macro duckdb__period_of(date) -%}
    strftime({{ date }}, '%Y-%m')
{%- endmacro %}

{% macro spark__period_of(date) -%}
    date_format({{ date }}, 'yyyy-MM')
{%- endmacro %}

{# One row per day between two dates, both included: a relation with the column `day`. #}
{% macro days_between(first, last) -%}
    {{ return(adapter.dispatch('days_between', 'tieout')(first, last)) }}
{%- endmacro %}

{% macro duckdb__days_between(first, last) -%}
    select cast(series.day as date) as day
    from generate_series({{ first }}, {{ last }}, interval 1 day) as series(day)
{%- endmacro %}

{% macro spark__days_between(first, last) -%}
    select explode(sequence({{ first }}, {{ last }}, interval 1 day)) as day
{%- endmacro %}

{# ISO weekday: Monday 1 ... Sunday 7. #}
{% macro weekday_of(date) -%}
    {{ return(adapter.dispatch('weekday_of', 'tieout')(date)) }}
{%- endmacro %}

{% macro duckdb__weekday_of(date) -%}
    isodow({{ date }})
{%- endmacro %}

{% macro spark__weekday_of(date) -%}
    (weekday({{ date }}) + 1)
{%- endmacro %}

{# A date some whole months later; the last day of a shorter month stays its last day. #}
{% macro plus_months(date, months) -%}
    {{ return(adapter.dispatch('plus_months', 'tieout')(date, months)) }}
{%- endmacro %}

{% macro duckdb__plus_months(date, months) -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{% macro spark__plus_months(date, months) -%}
    add_months({{ date }}, cast({{ months }} as int))
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_from(first, last) -%}
    {{ return(adapter.dispatch('days_from', 'tieout')(first, last)) }}
{%- endmacro %}

{% macro duckdb__days_from(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}

{% macro spark__days_from(first, last) -%}
    datediff({{ last }}, {{ first }})
{%- endmacro %}

{# Integer division that drops the rest. #}
{% macro whole_division(numerator, divisor) -%}
    {{ return(adapter.dispatch('whole_division', 'tieout')(numerator, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_division(numerator, divisor) -%}
    ({{ numerator }} // {{ divisor }})
{%- endmacro %}

{% macro spark__whole_division(numerator, divisor) -%}
    ({{ numerator }} div {{ divisor }})
{%- endmacro %}

{# One value of a JSON object as text. #}
{% macro json_value(json, path) -%}
    {{ return(adapter.dispatch('json_value', 'tieout')(json, path)) }}
{%- endmacro %}

{% macro duckdb__json_value(json, path) -%}
    json_extract_string({{ json }}, '{{ path }}')
{%- endmacro %}

{% macro spark__json_value(json, path) -%}
    get_json_object({{ json }}, '{{ path }}')
{%- endmacro %}

{# The day everything is judged at: `as_of` of the project, or the day of the latest extraction landed. #}
{% macro as_of() -%}
    {%- if var('as_of', '') -%}
    cast('{{ var('as_of') }}' as date)
    {%- else -%}
    (select cast(max(watermark) as date) from {{ source('landed', 'watermarks') }})
    {%- endif -%}
{%- endmacro %}

{# A wall-clock time of the firm -> UTC. #}
{% macro firm_time_to_utc(timestamp) -%}
    {{ adapter.dispatch('to_utc', 'tieout')(timestamp, "'" ~ var('time_zone', 'UTC') ~ "'") }}
{%- endmacro %}

{# The widest whole number an engine has, for products of amounts. #}
{% macro wide_integer(expression) -%}
    {{ return(adapter.dispatch('wide_integer', 'tieout')(expression)) }}
{%- endmacro %}

{% macro duckdb__wide_integer(expression) -%}
    cast({{ expression }} as hugeint)
{%- endmacro %}

{% macro spark__wide_integer(expression) -%}
    cast({{ expression }} as decimal(38, 0))
{%- endmacro %}

{# The last day a service should have where another system has it end on `ends_on`: the signed one, or the day it was terminated for
   where that is what the other system says. #}
{% macro right_end(ends_on, signed_on, terminated_on) -%}
    case when {{ ends_on }} = {{ terminated_on }} then {{ ends_on }} else {{ signed_on }} end
{%- endmacro %}
