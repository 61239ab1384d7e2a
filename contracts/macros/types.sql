{# Text as landed -> the type it means. One macro per type; staging uses nothing else to read a value.

   Values were checked when they landed (what does not fit was set aside), so a value that still does not parse is null
   here and never stops a build. An empty text is null. #}

{% macro landed(column) -%}
    nullif({{ adapter.quote(column) }}, '')
{%- endmacro %}

{% macro as_text(column) -%}
    {{ landed(column) }}
{%- endmacro %}

{# Money in document currency, four decimals. #}
{% macro as_amount(column) -%}
    try_cast({{ landed(column) }} as decimal(18, 4))
{%- endmacro %}

{# Hourly rates and rates of exchange, six decimals. #}
{% macro as_rate(column) -%}
    try_cast({{ landed(column) }} as decimal(18, 6))
{%- endmacro %}

{% macro as_hours(column) -%}
    try_cast({{ landed(column) }} as decimal(18, 8))
{%- endmacro %}

{% macro as_share(column) -%}
    try_cast({{ landed(column) }} as decimal(18, 8))
{%- endmacro %}

{% macro as_integer(column) -%}
    try_cast({{ landed(column) }} as bigint)
{%- endmacro %}

{# T / F, true / false, 1 / 0. #}
{% macro as_boolean(column) -%}
    case lower({{ landed(column) }})
        when 't' then true when 'true' then true when '1' then true
        when 'f' then false when 'false' then false when '0' then false
    end
{%- endmacro %}

{% macro as_date(column) -%}
    try_cast(substr({{ landed(column) }}, 1, 10) as date)
{%- endmacro %}

{# An instant written with its offset or Z -> UTC without zone. #}
{% macro as_instant(column) -%}
    {{ utc_of_instant(landed(column)) }}
{%- endmacro %}

{# An instant written in the local time of the connection -> UTC without zone. #}
{% macro as_local_instant(column) -%}
    {{ utc_of_local('try_cast(' ~ landed(column) ~ ' as timestamp)') }}
{%- endmacro %}

{# A 15-character Salesforce id -> the 18 characters the API speaks. The three added characters are a checksum of which
   letters are capitals. Anything that is not 15 characters long stays as it is. #}
{% macro as_salesforce_id(column) -%}
    {{ salesforce_id(landed(column)) }}
{%- endmacro %}

{% macro salesforce_id(expression) -%}
    case when length({{ expression }}) = 15 then {{ expression }}
        {%- for chunk in range(3) %}
        || substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1
            {%- for bit in range(5) -%}
            {%- set letter = 'substr(' ~ expression ~ ', ' ~ (chunk * 5 + bit + 1) ~ ', 1)' %}
            + case when {{ letter }} between 'A' and 'Z' then {{ 2 ** bit }} else 0 end
            {%- endfor %}, 1)
        {%- endfor %}
        else {{ expression }}
    end
{%- endmacro %}
