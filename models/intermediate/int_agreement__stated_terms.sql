{{ config(materialized='table') }}

-- The commercial terms each system works by, beside the signed ones: one row per record that holds some of them. Where a
-- term does not belong to a record both sides are empty. Delivery may plan inside the signed term: only a start before it
-- and an end after it count. A project of the ERP takes its billing type from the PSA's and is held against that, so that a
-- wrong one is one mistake. Caps are compared at the version that was signed last. An order has room for one purchase order: any of
-- those that the customer sent for the agreement is right. A service that was terminated may end on its signed last day, or on
-- the one it was terminated for.
with signed as (

    select * from {{ ref('int_agreement__claims') }}
    where role = 'CRM' and claim_state = 'ok' and state <> 'draft' and agreement_id is not null

),

signed_lines as (

    select lines.*, signed.terminated_on
    from {{ ref('int_agreement_line__claims') }} as lines
    left join signed on signed.agreement_id = lines.agreement_id
    where lines.role = 'CRM' and lines.claim_state = 'ok' and lines.agreement_line_key is not null

),

workstreams as (

    select
        agreement_id,
        workstream,
        case when count(distinct billing_type) = 1 then max(billing_type) end as billing_type,
        sum(value_amount) as value_amount
    from signed_lines
    group by agreement_id, workstream

),

projects as (

    select
        survivors.*,
        signed.role as signed_role,
        signed.connection as signed_connection,
        signed.object as signed_object,
        signed.source_id as signed_source_id,
        signed.row_id as signed_row_id,
        signed.cap_amount as signed_cap_amount,
        signed.start_on as signed_start_on,
        signed.end_on as signed_end_on,
        signed.terminated_on,
        signed.version_no as signed_version_no,
        signed.currency as signed_currency,
        workstreams.billing_type as signed_billing_type,
        coalesce(workstreams.value_amount, 0) as signed_value_amount
    from {{ ref('int_project__survivors') }} as survivors
    inner join signed on signed.agreement_id = survivors.agreement_id
    left join workstreams
        on workstreams.agreement_id = survivors.agreement_id and workstreams.workstream = survivors.workstream
    where survivors.is_survivor

),

jobs as (

    select
        claims.*,
        row_number() over (partition by claims.connection, claims.psa_project_ref order by claims.is_active desc, claims.source_id) as place
    from {{ ref('int_project__claims') }} as claims
    where claims.role = 'ERP' and claims.claim_state = 'ok'

),

orders as (

    select * from {{ ref('int_agreement__claims') }}
    where role = 'ERP' and claim_state = 'ok' and agreement_id is not null

),

order_lines as (

    select lines.*, details.order_ref, details.order_line_id
    from {{ ref('int_agreement_line__claims') }} as lines
    left join {{ ref('int_agreement__order_lines') }} as details
        on details.connection = lines.connection and details.agreement_line_key = lines.agreement_line_key
    where lines.role = 'ERP' and lines.claim_state = 'ok' and lines.agreement_line_key is not null

),

ratable as (

    select
        agreement_line_key,
        connection,
        min(role) as role,
        min(object) as object,
        max_by(row_id, concat(cast(end_on as string), source_id)) as row_id,
        max_by(source_id, concat(cast(end_on as string), source_id)) as source_id,
        min(start_on) as start_on,
        max(end_on) as end_on,
        sum(allocation_amount) as allocation_amount,
        count(*) as elements,
        max(currency) as currency
    from {{ ref('int_obligation__claims') }}
    where
        claim_state = 'ok' and method = 'straight_line' and not is_return and book = 'primary'
        and agreement_line_key is not null and start_on is not null and end_on is not null
    group by agreement_line_key, connection

),

moved as (

    select
        ratable.connection,
        ratable.agreement_line_key,
        ratable.allocation_amount,
        ratable.currency,
        signed_lines.start_on,
        signed_lines.end_on
    from ratable
    inner join signed_lines on signed_lines.agreement_line_key = ratable.agreement_line_key
    where
        ratable.start_on <> signed_lines.start_on
        or ratable.end_on <> {{ right_end('ratable.end_on', 'signed_lines.end_on', 'signed_lines.terminated_on') }}

),

planned as (

    select lines.connection, lines.agreement_line_key, lines.period, sum(lines.revenue_amount) as amount
    from {{ ref('int_revenue_line__claims') }} as lines
    inner join moved on moved.connection = lines.connection and moved.agreement_line_key = lines.agreement_line_key
    where lines.claim_state = 'ok' and not lines.is_return and lines.method = 'straight_line' and lines.book = 'primary'
    group by lines.connection, lines.agreement_line_key, lines.period

),

reached as (

    select
        moved.connection,
        moved.agreement_line_key,
        periods.period,
        {{ to_minor_unit(
            whole_division(
                'cast(moved.allocation_amount * 10000 as decimal(38, 0)) * (' ~ days_from('moved.start_on', 'least(periods.end_on, moved.end_on)') ~ ' + 1)',
                'cast(' ~ days_from('moved.start_on', 'moved.end_on') ~ ' + 1 as decimal(38, 0))'
            ) ~ ' * 0.0001',
            'moved.currency'
        ) }} as amount
    from moved
    inner join {{ ref('int_calendar__periods') }} as periods
        on periods.end_on >= moved.start_on and periods.start_on <= moved.end_on

),

scheduled as (

    select
        connection,
        agreement_line_key,
        period,
        amount - coalesce(lag(amount) over (partition by connection, agreement_line_key order by period), 0) as amount
    from reached

),

shifts as (

    select
        keys.connection,
        keys.agreement_line_key,
        cast(sum(abs(coalesce(scheduled.amount, 0) - coalesce(planned.amount, 0))) * 0.5 as decimal(18, 4)) as shift_amount
    from (
        select connection, agreement_line_key, period from scheduled
        union
        select connection, agreement_line_key, period from planned
    ) as keys
    left join scheduled
        on scheduled.connection = keys.connection and scheduled.agreement_line_key = keys.agreement_line_key
        and scheduled.period = keys.period
    left join planned
        on planned.connection = keys.connection and planned.agreement_line_key = keys.agreement_line_key
        and planned.period = keys.period
    group by keys.connection, keys.agreement_line_key

),

statements as (

    select
        projects.agreement_id,
        concat('PSA/', coalesce(projects.project_id, projects.source_id)) as subject,
        projects.signed_role, projects.signed_connection, projects.signed_object, projects.signed_source_id, projects.signed_row_id,
        projects.role, projects.connection, projects.object, projects.source_id, projects.row_id,
        projects.project_id,
        cast(null as string) as agreement_line_key,
        projects.signed_billing_type,
        projects.billing_type,
        projects.signed_cap_amount,
        projects.cap_amount,
        projects.version_no = projects.signed_version_no as is_same_version,
        least(projects.signed_start_on, coalesce(projects.start_on, projects.signed_start_on)) as start_on,
        projects.signed_start_on,
        greatest(projects.signed_end_on, coalesce(projects.end_on, projects.signed_end_on)) as end_on,
        projects.signed_end_on,
        projects.signed_value_amount as line_value_amount,
        cast(0 as decimal(18, 4)) as shift_amount,
        projects.signed_currency as currency,
        projects.source_id as target_ref,
        type_value.value_ref as type_value_ref,
        cap_value.value_ref as cap_value_ref,
        jobs.source_id as job_ref,
        jobs.billing_type as job_billing_type
    from projects
    left join {{ ref('int_project__field_values') }} as type_value
        on type_value.connection = projects.connection and type_value.project_ref = projects.source_id
        and type_value.field_name = 'Billing Type'
    left join {{ ref('int_project__field_values') }} as cap_value
        on cap_value.connection = projects.connection and cap_value.project_ref = projects.source_id
        and cap_value.field_name = 'NTE Amount'
    left join jobs on jobs.psa_project_ref = projects.source_id and jobs.place = 1

    union all

    select
        projects.agreement_id,
        concat('ERP/', coalesce(jobs.project_id, jobs.source_id)),
        projects.role, projects.connection, projects.object, projects.source_id, projects.row_id,
        jobs.role, jobs.connection, jobs.object, jobs.source_id, jobs.row_id,
        jobs.project_id,
        cast(null as string),
        projects.billing_type,
        jobs.billing_type,
        cast(null as decimal(18, 4)), cast(null as decimal(18, 4)), false,
        cast(null as date), cast(null as date), cast(null as date), cast(null as date),
        projects.signed_value_amount,
        cast(0 as decimal(18, 4)),
        projects.signed_currency,
        jobs.source_id, cast(null as string), cast(null as string), cast(null as string), cast(null as string)
    from projects
    inner join jobs on jobs.psa_project_ref = projects.source_id

    union all

    select
        projects.agreement_id,
        concat('ERP/', coalesce(jobs.project_id, jobs.source_id), '/term'),
        projects.signed_role, projects.signed_connection, projects.signed_object, projects.signed_source_id, projects.signed_row_id,
        jobs.role, jobs.connection, jobs.object, jobs.source_id, jobs.row_id,
        jobs.project_id,
        cast(null as string),
        cast(null as string), cast(null as string),
        cast(null as decimal(18, 4)), cast(null as decimal(18, 4)), false,
        jobs.start_on, projects.signed_start_on,
        jobs.end_on, {{ right_end('jobs.end_on', 'projects.signed_end_on', 'projects.terminated_on') }},
        cast(0 as decimal(18, 4)), cast(0 as decimal(18, 4)),
        projects.signed_currency,
        jobs.source_id, cast(null as string), cast(null as string), cast(null as string), cast(null as string)
    from projects
    inner join jobs on jobs.psa_project_ref = projects.source_id

    union all

    select
        signed.agreement_id,
        'ERP/order',
        signed.role, signed.connection, signed.object, signed.source_id, signed.row_id,
        orders.role, orders.connection, orders.object, orders.source_id, orders.row_id,
        cast(null as string), cast(null as string), cast(null as string), cast(null as string),
        signed.cap_amount,
        orders.cap_amount,
        orders.version_no = signed.version_no,
        cast(null as date), cast(null as date), cast(null as date), cast(null as date),
        cast(0 as decimal(18, 4)), cast(0 as decimal(18, 4)),
        signed.currency,
        orders.source_id, cast(null as string), cast(null as string), cast(null as string), cast(null as string)
    from orders
    inner join signed on signed.agreement_id = orders.agreement_id

    union all

    select
        signed_lines.agreement_id,
        concat('ERP/line ', split_part(signed_lines.agreement_line_key, '/', 2)),
        signed_lines.role, signed_lines.connection, signed_lines.object, signed_lines.source_id, signed_lines.row_id,
        order_lines.role, order_lines.connection, order_lines.object, order_lines.source_id, order_lines.row_id,
        cast(null as string),
        signed_lines.agreement_line_key,
        signed_lines.billing_type,
        order_lines.billing_type,
        cast(null as decimal(18, 4)), cast(null as decimal(18, 4)), false,
        cast(null as date), cast(null as date), cast(null as date), cast(null as date),
        signed_lines.value_amount,
        cast(0 as decimal(18, 4)),
        signed_lines.currency,
        order_lines.order_line_id, cast(null as string), cast(null as string), cast(null as string), cast(null as string)
    from signed_lines
    inner join order_lines on order_lines.agreement_line_key = signed_lines.agreement_line_key

    union all

    select
        signed_lines.agreement_id,
        concat('REVREC/line ', split_part(signed_lines.agreement_line_key, '/', 2)),
        signed_lines.role, signed_lines.connection, signed_lines.object, signed_lines.source_id, signed_lines.row_id,
        ratable.role, ratable.connection, ratable.object, ratable.source_id, ratable.row_id,
        cast(null as string),
        signed_lines.agreement_line_key,
        cast(null as string), cast(null as string),
        cast(null as decimal(18, 4)), cast(null as decimal(18, 4)), false,
        ratable.start_on, signed_lines.start_on,
        ratable.end_on, {{ right_end('ratable.end_on', 'signed_lines.end_on', 'signed_lines.terminated_on') }},
        cast(0 as decimal(18, 4)),
        coalesce(shifts.shift_amount, 0),
        signed_lines.currency,
        ratable.source_id, cast(null as string), cast(null as string), cast(null as string), cast(null as string)
    from ratable
    inner join signed_lines on signed_lines.agreement_line_key = ratable.agreement_line_key
    left join shifts on shifts.connection = ratable.connection and shifts.agreement_line_key = ratable.agreement_line_key

),

sent as (

    select agreement_id, purchase_order_number, min(version_no) as version_no
    from {{ ref('int_purchase_order__claims') }}
    where role = 'CRM' and claim_state = 'ok' and is_signed and purchase_order_number is not null
    group by agreement_id, purchase_order_number

),

first_sent as (

    select agreement_id, min_by(purchase_order_number, version_no) as purchase_order_number
    from sent
    group by agreement_id

),

printed as (

    select connection, source_id, max(purchase_order_number) as purchase_order_number
    from {{ ref('int_purchase_order__claims') }}
    where role = 'ERP' and claim_state = 'ok'
    group by connection, source_id

)

select
    statements.*,
    case when statements.subject = 'ERP/order' then coalesce(sent.purchase_order_number, first_sent.purchase_order_number) end
        as signed_purchase_order_number,
    case when statements.subject = 'ERP/order' then printed.purchase_order_number end as purchase_order_number,
    signed.agreement_number,
    signed.customer_id
from statements
inner join signed on signed.agreement_id = statements.agreement_id
left join printed on printed.connection = statements.connection and printed.source_id = statements.source_id
left join sent
    on sent.agreement_id = statements.agreement_id and sent.purchase_order_number = printed.purchase_order_number
left join first_sent on first_sent.agreement_id = statements.agreement_id
