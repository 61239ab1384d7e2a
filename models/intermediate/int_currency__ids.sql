-- The ERP's own number of each currency, which its interface asks for in place of the code.
{% if is_configured('netsuite') -%}
select connection, currency, min(currency_id) as currency_id
from {{ ref('stg_netsuite__currencies') }}
where currency is not null
group by connection, currency
{%- else -%}
select cast(null as string) as connection, cast(null as string) as currency, cast(null as string) as currency_id
where false
{%- endif %}
