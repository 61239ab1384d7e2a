{# Exact money in SQL: the same rounding as `contracts.money`. No float touches an amount. #}

{# Decimals of the minor unit: 0 for yen-like currencies, 3 for dinars, else 2. #}
{% macro currencies_without_decimals() -%}
    'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
{%- endmacro %}

{% macro currencies_with_three_decimals() -%}
    'BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'
{%- endmacro %}

{# Minor units over the currency's base unit (12345 over 100) -> 123.4500, exactly. #}
{% macro minor_units(units, base_unit) -%}
    cast({{ units }} * case coalesce({{ base_unit }}, 100)
        when 100 then 0.0100 when 1 then 1.0000 when 10 then 0.1000 when 1000 then 0.0010 when 10000 then 0.0001
    end as decimal(18, 4))
{%- endmacro %}

{# Before a product: engines keep the width of narrow decimals, and a large amount times a rate overflows it. #}
{% macro widened(amount) -%}
    cast({{ amount }} as decimal(38, 6))
{%- endmacro %}

{# An amount to the minor unit of its currency, halves away from zero. #}
{% macro to_minor_unit(amount, currency) -%}
    case
        when {{ currency }} in ({{ currencies_without_decimals() }}) then cast(round({{ amount }}, 0) as decimal(18, 4))
        when {{ currency }} in ({{ currencies_with_three_decimals() }}) then cast(round({{ amount }}, 3) as decimal(18, 4))
        else cast(round({{ amount }}, 2) as decimal(18, 4))
    end
{%- endmacro %}

{# Value of worked time: hours x hourly rate, rounded once to the minor unit, halves away from zero. Hours are minutes / 60
   with four decimals, as invoices state them. Integers throughout: ten-thousandths of an hour x millionths of the rate. #}
{% macro time_value(minutes, hourly_rate, currency) -%}
    {%- set hours = divide_half_up('(' ~ minutes ~ ' * 10000)', 60) -%}
    {%- set product = '(' ~ hours ~ ' * cast(' ~ widened(hourly_rate) ~ ' * 1000000 as bigint))' -%}
    case
        when {{ currency }} in ({{ currencies_without_decimals() }})
            then cast({{ divide_half_up(product, 10000000000) }} * 1.0000 as decimal(18, 4))
        when {{ currency }} in ({{ currencies_with_three_decimals() }})
            then cast({{ divide_half_up(product, 10000000) }} * 0.0010 as decimal(18, 4))
        else cast({{ divide_half_up(product, 100000000) }} * 0.0100 as decimal(18, 4))
    end
{%- endmacro %}

{# Integer division to the nearest whole number, halves away from zero. The divisor is a positive literal. #}
{% macro divide_half_up(numerator, divisor) -%}
    cast({{ whole_division(
        '(2 * ' ~ numerator ~ ' + case when ' ~ numerator ~ ' < 0 then -' ~ divisor ~ ' else ' ~ divisor ~ ' end)', 2 * divisor
    ) }} as bigint)
{%- endmacro %}

{# A ratio with a stated scale, cut off after its last digit; null where the divisor is zero. Both sides are read with six
   decimals, so that the division is one of whole numbers. #}
{% macro safe_divide(numerator, denominator, scale=6) -%}
    case when {{ denominator }} <> 0 then cast(
        {{ whole_division(
            wide_integer(widened(numerator) ~ ' * 1000000') ~ ' * ' ~ 10 ** scale,
            wide_integer(widened(denominator) ~ ' * 1000000')
        ) }} * {{ '%.*f' | format(scale, 10 ** -scale) }} as decimal(18, {{ scale }}))
    end
{%- endmacro %}

{# amount x part / whole, rounded to hundredths, halves away from zero; null where `whole` is zero. #}
{% macro share_of(amount, part, whole) -%}
    {%- set product = wide_integer(widened(amount) ~ ' * 100') ~ ' * ' ~ wide_integer(widened(part) ~ ' * 100') -%}
    {%- set divisor = wide_integer(widened(whole) ~ ' * 100') -%}
    case when {{ whole }} <> 0 then cast(
        sign({{ product }}) * sign({{ divisor }})
        * {{ whole_division('(2 * abs(' ~ product ~ ') + abs(' ~ divisor ~ '))', '(2 * abs(' ~ divisor ~ '))') }}
        * 0.01 as decimal(18, 4))
    end
{%- endmacro %}

{# What an amount is in the currency it was exchanged from: amount / rate, to hundredths, halves away from zero. #}
{% macro amount_at_rate(amount, rate) -%}
    {%- set product = wide_integer(widened(amount) ~ ' * 1000000') ~ ' * 100' -%}
    {%- set divisor = wide_integer(widened(rate) ~ ' * 1000000') -%}
    case when {{ rate }} > 0 then cast(
        sign({{ product }}) * {{ whole_division('(2 * abs(' ~ product ~ ') + ' ~ divisor ~ ')', '(2 * ' ~ divisor ~ ')') }}
        * 0.01 as decimal(18, 4))
    end
{%- endmacro %}

{# Minutes as hours, eight decimals, halves up. #}
{% macro hours_of_minutes(minutes) -%}
    cast({{ divide_half_up('(' ~ minutes ~ ' * 100000000)', 60) }} * 0.00000001 as decimal(18, 8))
{%- endmacro %}
