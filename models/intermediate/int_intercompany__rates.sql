-- What an hour of one legal entity's people costs another, as the project file states it per accounting book. `valid_from_on` is the
-- first day of the month it holds from.
{% set rates = var('intercompany_rates', []) -%}
{% for rate in rates %}
select
    '{{ rate.book }}' as book,
    '{{ rate.performer }}' as performing_entity_code,
    {% if rate.contractor %}'{{ rate.contractor }}'{% else %}cast(null as string){% endif %} as contracting_entity_code,
    cast('{{ rate.rate }}' as decimal(18, 6)) as hourly_rate,
    '{{ rate.currency }}' as currency,
    cast('{{ rate.valid_from or '1900-01-01' }}' as date) as valid_from_on
{% if not loop.last %}union all{% endif %}
{%- else -%}
select
    cast(null as string) as book,
    cast(null as string) as performing_entity_code,
    cast(null as string) as contracting_entity_code,
    cast(null as decimal(18, 6)) as hourly_rate,
    cast(null as string) as currency,
    cast(null as date) as valid_from_on
where false
{%- endfor %}
