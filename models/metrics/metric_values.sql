{{ config(materialized='view', tags=['computed']) }}

-- The value of every metric by month, legal entity, currency and book, for each role that holds it: the sum of its terms, or
-- the ratio of two such sums, cut off after six decimals. Values of single agreements, customers and projects are the same
-- sums over `metric_terms`. Metrics that are not kept by currency, book or legal entity have one value for all of them;
-- those that only know the present have one for the month of the run.
with firm as (

    select
        term, role, book, currency, legal_entity_id, period,
        cast(substr(period, 1, 4) as integer) * 12 + cast(substr(period, 6, 2) as integer) as month_no,
        sum(amount) as amount
    from {{ ref('metric_terms') }}
    where row_id is null
    group by term, role, book, currency, legal_entity_id, period

),

now as (

    select {{ period_of(as_of()) }} as period

),

months as (

    select
        known.period,
        cast(substr(known.period, 1, 4) as integer) * 12 + cast(substr(known.period, 6, 2) as integer) as month_no,
        {{ days_from(plus_months("cast(known.period || '-01' as date)", -2), plus_months("cast(known.period || '-01' as date)", 1)) }}
            as quarter_days,
        known.period = now.period as is_now
    from (
        select distinct period from firm where term in ('contracted', 'billed', 'recognised')
        union
        select period from now
    ) as known
    cross join now
    where known.period <= now.period

),

books as (

    select distinct book from firm where book is not null
    union
    select 'primary' as book

),

counted as (

    select
        metric.metric,
        part.role,
        books.book,
        case when metric.is_by_currency then firm.currency end as currency,
        case when metric.is_by_legal_entity then firm.legal_entity_id end as legal_entity_id,
        months.period,
        coalesce(sum(case when part.side = 'value' then part.factor * firm.amount end), 0) as value_amount,
        sum(case when part.side = 'divisor' then part.factor * firm.amount end) as divisor_amount,
        max(metric.shape) as shape,
        max(case when metric.is_in_days then months.quarter_days else 1 end) as days
    from {{ ref('metric') }} as metric
    inner join {{ ref('metric_parts') }} as part on part.metric = metric.metric
    inner join firm on firm.term = part.term and firm.role = part.term_role
    inner join books on books.book = coalesce(firm.book, books.book) and (metric.is_by_book or books.book = 'primary')
    inner join months
        on case part.span
            when 'period' then firm.month_no = months.month_no
            when 'to_date' then firm.month_no <= months.month_no
            when 'opening' then firm.month_no < months.month_no
            when 'quarter' then firm.month_no between months.month_no - 2 and months.month_no
            else true
        end
        and (months.is_now or not metric.is_now_only)
    where metric.shape in ('sum', 'ratio')
    group by metric.metric, part.role, books.book, 4, 5, months.period

),

ranked as (

    select
        metric.metric,
        part.role,
        'primary' as book,
        terms.legal_entity_id,
        terms.period,
        percentile_disc(0.5) within group (order by terms.amount) as median_amount,
        percentile_disc(0.95) within group (order by terms.amount) as p95_amount,
        max(metric.shape) as shape
    from {{ ref('metric') }} as metric
    inner join {{ ref('metric_parts') }} as part on part.metric = metric.metric and part.side = 'value'
    inner join {{ ref('metric_terms') }} as terms
        on terms.term = part.term and terms.role = part.term_role and terms.row_id is not null
    where metric.shape not in ('sum', 'ratio')
    group by metric.metric, part.role, terms.legal_entity_id, terms.period

)

select
    metric, role, book, currency, legal_entity_id, period,
    cast(value_amount as decimal(38, 8)) as value_amount,
    cast(divisor_amount as decimal(38, 8)) as divisor_amount,
    case
        when shape = 'sum' then cast(value_amount as decimal(38, 8))
        else cast({{ safe_divide('value_amount * days', 'divisor_amount', 6) }} as decimal(38, 8))
    end as value
from counted

union all

select
    metric, role, book, cast(null as string) as currency, legal_entity_id, period,
    cast(null as decimal(38, 8)) as value_amount,
    cast(null as decimal(38, 8)) as divisor_amount,
    cast(case when shape = 'median' then median_amount else p95_amount end as decimal(38, 8)) as value
from ranked
