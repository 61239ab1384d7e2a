-- What happened to each agreement, and when: everything its revenue is computed from. One row per document line, version line or
-- milestone; time and expenses by line and month. A row leads back to its source by `row_id`, a sum by `object` and `source_id`
-- (agreement line and month). Every book has the same evidence. What the register of revenue accounting says of an agreement that nobody
-- knows is here too, under the name it gives: it is told, not lost.
with agreements as (

    select agreement_id, legal_entity_id, customer_id, currency from {{ ref('agreement') }}
    {%- if is_configured('revenue_register') %}

    union all

    select distinct agreement_id, cast(null as string), cast(null as string), cast(null as string)
    from {{ ref('evidence_register') }} as entries
    where not exists (select 1 from {{ ref('agreement') }} as known where known.agreement_id = entries.agreement_id)
    {%- endif %}

),

books as (

    {% for book in var('books', ['primary']) -%}
    select '{{ book }}' as book
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

happened as (

    {% set handed_in = ['register'] if is_configured('revenue_register') else [] -%}
    {% for part in ['terms', 'time', 'deliveries', 'documents', 'rates', 'plans', 'funding', 'variable', 'terminations'] + handed_in -%}
    select
        agreement_id, kind, happened_on, period, version_no, obligation_key, currency, amount, quantity,
        unit, attributes, connection, object, source_id, row_id, records
    from {{ ref('evidence_' ~ part) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    happened.agreement_id,
    books.book,
    agreements.legal_entity_id,
    agreements.customer_id,
    coalesce(happened.currency, agreements.currency) as currency,
    happened.kind,
    cast(happened.happened_on as date) as happened_on,
    happened.period,
    cast(happened.version_no as integer) as version_no,
    happened.obligation_key,
    cast(happened.amount as decimal(18, 4)) as amount,
    cast(happened.quantity as decimal(18, 8)) as quantity,
    happened.unit,
    happened.attributes,
    happened.connection,
    happened.object,
    happened.source_id,
    happened.row_id,
    cast(happened.records as bigint) as records
from happened
cross join books
inner join agreements on agreements.agreement_id = happened.agreement_id
