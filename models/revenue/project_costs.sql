{{ config(materialized='table') }}

-- Cost of projects by month, up to the last month with a revenue run: what the approved work cost (`is_booked` false) and what the
-- ledger has of it, for own staff per performing entity (`labour`) and for the people of each supplier (`subcontractor`).
--
-- Due: approved hours on agreement lines x the cost rate of each entry, in the month whose cut-off was still ahead when they were
-- approved, added up and rounded once. Cost that one project lacks and another of the same entity, supplier and month has to the cent
-- is on the wrong project, where the one has none at all or the other is due none: it is told once, where it stands
-- (`other_project_id`: the project it is of); there is then a due of nought where nothing is due. `is_told` marks the project it is of.
with run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

suppliers as (

    select supplier_ref, min(supplier_name) as supplier_name
    from {{ ref('int_person__claims') }}
    where role = 'PSA' and claim_state = 'ok' and supplier_ref is not null
    group by supplier_ref

),

ends as (

    select periods.period, periods.end_on
    from {{ ref('int_calendar__periods') }} as periods
    inner join run on periods.period <= run.last_period

),

worked as (

    select
        case when supplier_ref is null then 'labour' else 'subcontractor' end as kind,
        performing_entity_id as legal_entity_id,
        coalesce(supplier_ref, '') as supplier_ref,
        project_id,
        period,
        cost_currency as currency,
        min(agreement_id) as agreement_id,
        min(customer_id) as customer_id,
        cast(sum(hours) as decimal(18, 4)) as hours,
        {{ to_minor_unit('sum(cost_amount)', 'cost_currency') }} as amount
    from {{ ref('project_work') }}
    group by 1, 2, 3, 4, 5, 6

),

due as (

    select
        worked.*,
        projects.row_id,
        projects.connection,
        coalesce(projects.object, 'workspaces') as object,
        projects.source_id
    from worked
    left join {{ ref('int_project__first_record') }} as projects on projects.project_id = worked.project_id
    where worked.amount <> 0

),

posted as (

    select
        lines.connection, lines.kind, lines.legal_entity_id, lines.supplier_ref, lines.project_id, lines.period, lines.currency,
        min(lines.object) as object,
        min(lines.source_id) as source_id,
        min_by(lines.row_id, lines.source_id) as row_id,
        min(lines.agreement_id) as agreement_id,
        min(lines.customer_id) as customer_id,
        count(*) as line_count,
        cast(sum(lines.amount) as decimal(18, 4)) as amount
    from {{ ref('int_ledger__costs') }} as lines
    inner join run on lines.period <= run.last_period
    where lines.kind in ('labour', 'subcontractor')
    group by 1, 2, 3, 4, 5, 6, 7
    having sum(lines.amount) <> 0

),

-- What each project has more than is due, and less.
gaps as (

    select
        kind, legal_entity_id, supplier_ref, project_id, period, currency,
        sum(booked) as booked,
        sum(due) as due,
        sum(booked) - sum(due) as gap
    from (
        select kind, legal_entity_id, supplier_ref, project_id, period, currency, amount as booked, 0 as due from posted
        union all
        select kind, legal_entity_id, supplier_ref, project_id, period, currency, 0, amount from due
    ) as both_sides
    group by kind, legal_entity_id, supplier_ref, project_id, period, currency
    having abs(sum(booked) - sum(due)) > 1

),

paired as (

    select
        more.kind, more.legal_entity_id, more.supplier_ref, more.period, more.currency, more.project_id as booked_on, less.project_id as due_on,
        count(*) over (
            partition by more.kind, more.legal_entity_id, more.supplier_ref, more.period, more.currency, more.gap
        ) as fits
    from gaps as more
    inner join gaps as less
        on less.kind = more.kind and less.legal_entity_id = more.legal_entity_id and less.supplier_ref = more.supplier_ref
        and less.period = more.period and less.currency = more.currency and less.gap = -more.gap
    where more.gap > 0 and (less.booked = 0 or more.due = 0)

),

moved as (

    select * from paired where fits = 1

),

both_sides as (

    select
        row_id, connection, 'PSA' as role, object, source_id, kind, legal_entity_id, supplier_ref, project_id, period, currency, agreement_id,
        customer_id, false as is_booked, hours, cast(null as bigint) as line_count, amount
    from due

    union all

    select
        row_id, connection, 'ERP', object, source_id, kind, legal_entity_id, supplier_ref, project_id, period, currency, agreement_id,
        customer_id, true, cast(null as decimal(18, 4)), line_count, amount
    from posted

    union all

    select
        projects.row_id, projects.connection, 'PSA', coalesce(projects.object, 'workspaces'), projects.source_id, moved.kind,
        moved.legal_entity_id, moved.supplier_ref, moved.booked_on, moved.period, moved.currency, cast(null as varchar), cast(null as varchar),
        false, cast(0 as decimal(18, 4)), cast(null as bigint), cast(0 as decimal(18, 4))
    from moved
    left join {{ ref('int_project__first_record') }} as projects on projects.project_id = moved.booked_on
    left join due
        on due.kind = moved.kind and due.legal_entity_id = moved.legal_entity_id and due.supplier_ref = moved.supplier_ref
        and due.project_id = moved.booked_on and due.period = moved.period and due.currency = moved.currency
    where due.project_id is null

)

select
    both_sides.row_id,
    both_sides.connection,
    both_sides.role,
    both_sides.object,
    both_sides.source_id,
    'primary' as book,
    both_sides.kind,
    both_sides.legal_entity_id,
    entity.legal_entity_code,
    both_sides.supplier_ref,
    coalesce(suppliers.supplier_name, both_sides.supplier_ref) as supplier_name,
    both_sides.project_id,
    both_sides.period,
    ends.end_on as posted_on,
    both_sides.agreement_id,
    both_sides.customer_id,
    both_sides.currency,
    both_sides.is_booked,
    both_sides.hours,
    both_sides.line_count,
    both_sides.amount,
    here.due_on as other_project_id,
    there.due_on is not null as is_told,
    there.booked_on as told_project_id,
    hidden.cost_row_count as hidden_row_count
from both_sides
inner join ends on ends.period = both_sides.period
cross join {{ ref('revenue_hidden_rows') }} as hidden
left join suppliers on suppliers.supplier_ref = both_sides.supplier_ref
left join {{ ref('legal_entity') }} as entity on entity.legal_entity_id = both_sides.legal_entity_id
left join moved as here
    on here.kind = both_sides.kind and here.legal_entity_id = both_sides.legal_entity_id and here.supplier_ref = both_sides.supplier_ref
    and here.booked_on = both_sides.project_id and here.period = both_sides.period and here.currency = both_sides.currency
left join moved as there
    on there.kind = both_sides.kind and there.legal_entity_id = both_sides.legal_entity_id and there.supplier_ref = both_sides.supplier_ref
    and there.due_on = both_sides.project_id and there.period = both_sides.period and there.currency = both_sides.currency
