-- Work of one legal entity on agreements that another signed, by pair, project and month: what is due by policy (`is_booked` false) and
-- what the ledger has of it, up to the last month with a revenue run.
--
-- Due: approved hours on agreement lines, of people whom the performing entity employed on the day, in the month whose cut-off was still
-- ahead when they were approved; times the intercompany rate that holds in that month, rounded once. Hours without a rate are there,
-- without an amount. Both entities state the same amount in the currency of the rate: one has the receivable, the other the payable.
-- `at_rate` is what stands in the books of each, taken back to that currency at the rate of exchange of the month's last day.
with run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

ends as (

    select periods.period, periods.end_on
    from {{ ref('int_calendar__periods') }} as periods
    inner join run on periods.period <= run.last_period

),

entities as (

    select legal_entity_id, legal_entity_code, currency as functional_currency from {{ ref('legal_entity') }}

),

worked as (

    select
        performing_entity_id,
        contracting_entity_id,
        project_id,
        period,
        min(agreement_id) as agreement_id,
        min(customer_id) as customer_id,
        cast(sum(hours) as decimal(18, 4)) as hours
    from {{ ref('project_work') }}
    where performing_entity_id <> contracting_entity_id
    group by 1, 2, 3, 4

),

books as (

    select distinct book from {{ ref('int_intercompany__rates') }}

),

rated as (

    select
        books.book,
        worked.*,
        rates.hourly_rate,
        rates.currency,
        {{ to_minor_unit(widened('worked.hours') ~ ' * rates.hourly_rate', 'rates.currency') }} as amount,
        row_number() over (
            partition by books.book, worked.performing_entity_id, worked.contracting_entity_id, worked.project_id, worked.period
            order by case when rates.contracting_entity_code is null then 1 else 0 end, rates.valid_from_on desc
        ) as place
    from worked
    cross join books
    inner join ends on ends.period = worked.period
    inner join entities as performer on performer.legal_entity_id = worked.performing_entity_id
    inner join entities as contractor on contractor.legal_entity_id = worked.contracting_entity_id
    left join {{ ref('int_intercompany__rates') }} as rates
        on rates.book = books.book and rates.performing_entity_code = performer.legal_entity_code
        and coalesce(rates.contracting_entity_code, contractor.legal_entity_code) = contractor.legal_entity_code
        and rates.valid_from_on <= ends.end_on
    where worked.hours <> 0

),

posted as (

    select
        lines.book, lines.connection, lines.performing_entity_id, lines.contracting_entity_id, lines.project_id, lines.period, lines.currency,
        min(lines.role) as role,
        min(lines.object) as object,
        min(lines.source_id) as source_id,
        min_by(lines.row_id, lines.source_id) as row_id,
        min(lines.agreement_id) as agreement_id,
        min(lines.customer_id) as customer_id,
        count(*) as line_count,
        cast(sum(case when lines.is_receivable then lines.amount else 0 end) as decimal(18, 4)) as receivable_amount,
        cast(sum(case when lines.is_receivable then 0 else lines.amount end) as decimal(18, 4)) as payable_amount,
        cast(sum(case when lines.is_receivable then lines.functional_amount else 0 end) as decimal(18, 4)) as receivable_functional_amount,
        cast(sum(case when lines.is_receivable then 0 else lines.functional_amount end) as decimal(18, 4)) as payable_functional_amount
    from {{ ref('int_ledger__recharges') }} as lines
    inner join run on lines.period <= run.last_period
    inner join books on books.book = lines.book
    group by 1, 2, 3, 4, 5, 6, 7
    having
        sum(case when lines.is_receivable then lines.amount else 0 end) <> 0
        or sum(case when lines.is_receivable then 0 else lines.amount end) <> 0
        or sum(case when lines.is_receivable then lines.functional_amount else 0 end) <> 0
        or sum(case when lines.is_receivable then 0 else lines.functional_amount end) <> 0

),

-- What one unit of a recharge's currency is in the books of either entity, at the end of its month.
wanted as (

    select currency, legal_entity_id, period
    from (
        select currency, performing_entity_id as legal_entity_id, period from rated where place = 1
        union
        select currency, contracting_entity_id, period from rated where place = 1
        union
        select currency, performing_entity_id, period from posted
        union
        select currency, contracting_entity_id, period from posted
    ) as both_sides
    where currency is not null

),

exchange as (

    select currency, legal_entity_id, period, functional_currency, exchange_rate
    from (
        select
            wanted.currency,
            wanted.legal_entity_id,
            wanted.period,
            entities.functional_currency,
            case when wanted.currency = entities.functional_currency then cast(1 as decimal(18, 6)) else monthly.exchange_rate end as exchange_rate,
            row_number() over (
                partition by wanted.currency, wanted.legal_entity_id, wanted.period order by monthly.effective_on desc
            ) as place
        from wanted
        inner join entities on entities.legal_entity_id = wanted.legal_entity_id
        inner join ends on ends.period = wanted.period
        left join {{ ref('int_exchange_rate__closing') }} as monthly
            on wanted.currency <> entities.functional_currency
            and monthly.from_currency = wanted.currency and monthly.to_currency = entities.functional_currency
            and monthly.effective_on <= ends.end_on
    ) as found
    where place = 1

),

both_sides as (

    select
        projects.row_id, projects.connection, 'PSA' as role, coalesce(projects.object, 'workspaces') as object, projects.source_id,
        rated.book, rated.performing_entity_id, rated.contracting_entity_id, rated.project_id, rated.period, rated.agreement_id,
        rated.customer_id, rated.currency, false as is_booked, rated.hours, rated.hourly_rate, cast(null as bigint) as line_count,
        rated.amount as receivable_amount,
        rated.amount as payable_amount,
        cast(null as decimal(18, 4)) as receivable_functional_amount,
        cast(null as decimal(18, 4)) as payable_functional_amount
    from rated
    left join {{ ref('int_project__first_record') }} as projects on projects.project_id = rated.project_id
    where rated.place = 1

    union all

    select
        row_id, connection, role, object, source_id, book, performing_entity_id, contracting_entity_id, project_id, period, agreement_id,
        customer_id, currency, true, cast(null as decimal(18, 4)), cast(null as decimal(18, 6)), line_count, receivable_amount, payable_amount,
        receivable_functional_amount, payable_functional_amount
    from posted

)

select
    both_sides.row_id,
    both_sides.connection,
    both_sides.role,
    both_sides.object,
    both_sides.source_id,
    both_sides.book,
    both_sides.performing_entity_id,
    both_sides.contracting_entity_id,
    performer.legal_entity_code as performing_entity,
    contractor.legal_entity_code as contracting_entity,
    both_sides.performing_entity_id as legal_entity_id,
    both_sides.project_id,
    both_sides.period,
    ends.end_on as posted_on,
    both_sides.agreement_id,
    both_sides.customer_id,
    both_sides.currency,
    both_sides.is_booked,
    both_sides.hours,
    both_sides.hourly_rate,
    both_sides.line_count,
    cast(both_sides.receivable_amount as decimal(18, 4)) as receivable_amount,
    cast(both_sides.payable_amount as decimal(18, 4)) as payable_amount,
    performing_rate.functional_currency as receivable_currency,
    contracting_rate.functional_currency as payable_currency,
    performing_rate.exchange_rate as receivable_exchange_rate,
    contracting_rate.exchange_rate as payable_exchange_rate,
    {% for side, exchange in [('receivable', 'performing_rate'), ('payable', 'contracting_rate')] -%}
    cast(coalesce(
        both_sides.{{ side }}_functional_amount,
        {{ to_minor_unit(widened('both_sides.' ~ side ~ '_amount') ~ ' * ' ~ exchange ~ '.exchange_rate', exchange ~ '.functional_currency') }}
    ) as decimal(18, 4)) as {{ side }}_functional_amount,
    case
        when both_sides.is_booked then {{ amount_at_rate('both_sides.' ~ side ~ '_functional_amount', exchange ~ '.exchange_rate') }}
        else both_sides.{{ side }}_amount
    end as {{ side }}_at_rate_amount,
    {% endfor -%}
    hidden.recharge_row_count as hidden_row_count
from both_sides
inner join ends on ends.period = both_sides.period
cross join {{ ref('revenue_hidden_rows') }} as hidden
left join entities as performer on performer.legal_entity_id = both_sides.performing_entity_id
left join entities as contractor on contractor.legal_entity_id = both_sides.contracting_entity_id
left join exchange as performing_rate
    on performing_rate.currency = both_sides.currency and performing_rate.legal_entity_id = both_sides.performing_entity_id
    and performing_rate.period = both_sides.period
left join exchange as contracting_rate
    on contracting_rate.currency = both_sides.currency and contracting_rate.legal_entity_id = both_sides.contracting_entity_id
    and contracting_rate.period = both_sides.period
