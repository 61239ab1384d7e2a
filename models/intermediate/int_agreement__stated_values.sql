{{ config(materialized='table') }}

-- What each system says an agreement is worth, beside what was signed: one row per statement. The PSA speaks of the price of
-- a workstream's projects, the ERP of each line of its order, revenue recognition of the whole arrangement. An arrangement
-- is made from the order and is held against it, so that a wrong order is one mistake; where there is no order it is held
-- against what was signed. Only statements of the version that was signed last are compared. A system that took the undelivered rest
-- out of an agreement that was ended early says what is left of it; that its revenue is right is asked line by line.
with signed as (

    select * from {{ ref('int_agreement__claims') }}
    where role = 'CRM' and claim_state = 'ok' and state <> 'draft' and agreement_id is not null

),

signed_lines as (

    select * from {{ ref('int_agreement_line__claims') }}
    where role = 'CRM' and claim_state = 'ok' and agreement_line_key is not null

),

workstreams as (

    select agreement_id, workstream, sum(value_amount) as value_amount
    from signed_lines
    group by agreement_id, workstream

),

projects as (

    select
        connection,
        agreement_id,
        workstream,
        min(role) as role,
        min(object) as object,
        min_by(row_id, concat(cast(created_at as string), source_id)) as row_id,
        min_by(source_id, concat(cast(created_at as string), source_id)) as source_id,
        min_by(project_id, concat(cast(created_at as string), source_id)) as project_id,
        min_by(budget_amount, concat(cast(created_at as string), source_id)) as first_amount,
        sum(budget_amount) as value_amount,
        case when count(distinct currency) = 1 then max(currency) end as currency,
        min(version_no) as version_no
    from {{ ref('int_project__survivors') }}
    where is_survivor
    group by connection, agreement_id, workstream

),

orders as (

    select
        *,
        row_number() over (partition by agreement_id order by connection, source_id) as place
    from {{ ref('int_agreement__claims') }}
    where role = 'ERP' and claim_state = 'ok' and agreement_id is not null

),

order_lines as (

    select lines.*, details.order_ref, details.order_line_no, details.order_line_id, details.order_line_amount, details.order_line_quantity
    from {{ ref('int_agreement_line__claims') }} as lines
    left join {{ ref('int_agreement__order_lines') }} as details
        on details.connection = lines.connection and details.agreement_line_key = lines.agreement_line_key
    where lines.role = 'ERP' and lines.claim_state = 'ok' and lines.agreement_line_key is not null

),

billed as (

    select distinct agreement_line_key
    from {{ ref('int_invoice_line__claims') }}
    where role = 'ERP' and claim_state = 'ok' and is_posted and kind = 'invoice' and agreement_line_key is not null

),

line_pairs as (

    select
        orders.agreement_id,
        orders.connection,
        coalesce(signed_lines.agreement_line_key, order_lines.agreement_line_key) as agreement_line_key,
        signed_lines.connection as signed_connection,
        signed_lines.object as signed_object,
        signed_lines.source_id as signed_source_id,
        signed_lines.row_id as signed_row_id,
        coalesce(signed_lines.value_amount, 0) as signed_value_amount,
        order_lines.object,
        order_lines.source_id,
        order_lines.row_id,
        coalesce(order_lines.value_amount, 0) as value_amount,
        order_lines.currency,
        order_lines.order_line_no,
        order_lines.order_line_id,
        order_lines.order_line_amount,
        order_lines.order_line_quantity
    from orders
    inner join signed on signed.agreement_id = orders.agreement_id and signed.version_no = orders.version_no
    inner join (
        select agreement_id, agreement_line_key from signed_lines
        union
        select agreement_id, agreement_line_key from order_lines
    ) as keys on keys.agreement_id = orders.agreement_id
    left join signed_lines on signed_lines.agreement_line_key = keys.agreement_line_key
    left join order_lines
        on order_lines.agreement_line_key = keys.agreement_line_key and order_lines.connection = orders.connection
    where orders.place = 1

),

unkeyed as (

    select orders.agreement_id, orders.connection, orders.value_amount - coalesce(sum(order_lines.value_amount), 0) as value_amount
    from orders
    left join order_lines on order_lines.agreement_id = orders.agreement_id and order_lines.connection = orders.connection
    where orders.place = 1
    group by orders.agreement_id, orders.connection, orders.value_amount

),

arrangements as (

    select
        agreement_id,
        connection,
        min(role) as role,
        min(object) as object,
        min(source_id) as source_id,
        min(row_id) as row_id,
        sum(value_amount) as value_amount,
        case when count(distinct currency) = 1 then max(currency) end as currency,
        max(version_no) as version_no
    from {{ ref('int_agreement__claims') }}
    where role = 'REVREC' and claim_state = 'ok' and agreement_id is not null
    group by agreement_id, connection

),

statements as (

    select
        signed.agreement_id,
        concat('PSA/', coalesce(projects.workstream, '-')) as subject,
        'the project' as place,
        signed.role as signed_role,
        signed.connection as signed_connection,
        signed.object as signed_object,
        signed.source_id as signed_source_id,
        signed.row_id as signed_row_id,
        coalesce(workstreams.value_amount, 0) as signed_value_amount,
        signed.currency as signed_currency,
        projects.role,
        projects.connection,
        projects.object,
        projects.source_id,
        projects.row_id,
        projects.value_amount,
        projects.currency,
        projects.project_id,
        cast(null as string) as agreement_line_key,
        projects.source_id as target_ref,
        cast(null as string) as order_line_no,
        cast(null as string) as order_line_id,
        projects.first_amount as old_amount,
        projects.first_amount + coalesce(workstreams.value_amount, 0) - projects.value_amount as new_amount,
        cast(null as decimal(18, 8)) as quantity,
        false as is_billed
    from projects
    inner join signed on signed.agreement_id = projects.agreement_id and signed.version_no = projects.version_no
    left join workstreams
        on workstreams.agreement_id = projects.agreement_id
        and coalesce(workstreams.workstream, '') = coalesce(projects.workstream, '')

    union all

    select
        orders.agreement_id,
        concat('ERP/', coalesce(split_part(line_pairs.agreement_line_key, '/', 2), '-')),
        'the order line',
        signed.role,
        coalesce(line_pairs.signed_connection, signed.connection),
        coalesce(line_pairs.signed_object, signed.object),
        coalesce(line_pairs.signed_source_id, signed.source_id),
        coalesce(line_pairs.signed_row_id, signed.row_id),
        line_pairs.signed_value_amount,
        signed.currency,
        orders.role,
        orders.connection,
        coalesce(line_pairs.object, orders.object),
        coalesce(line_pairs.source_id, orders.source_id),
        coalesce(line_pairs.row_id, orders.row_id),
        line_pairs.value_amount,
        coalesce(line_pairs.currency, orders.currency),
        cast(null as string),
        line_pairs.agreement_line_key,
        orders.source_id,
        line_pairs.order_line_no,
        line_pairs.order_line_id,
        line_pairs.order_line_amount,
        line_pairs.order_line_amount + line_pairs.signed_value_amount - line_pairs.value_amount,
        line_pairs.order_line_quantity,
        billed.agreement_line_key is not null
    from line_pairs
    inner join orders on orders.agreement_id = line_pairs.agreement_id and orders.connection = line_pairs.connection
    inner join signed on signed.agreement_id = line_pairs.agreement_id
    left join billed on billed.agreement_line_key = line_pairs.agreement_line_key
    where orders.place = 1

    union all

    select
        signed.agreement_id, 'ERP/-', 'the order', signed.role, signed.connection, signed.object, signed.source_id, signed.row_id,
        cast(0 as decimal(18, 4)), signed.currency,
        orders.role, orders.connection, orders.object, orders.source_id, orders.row_id, unkeyed.value_amount, orders.currency,
        cast(null as string), cast(null as string), orders.source_id, cast(null as string), cast(null as string),
        cast(null as decimal(18, 4)), cast(null as decimal(18, 4)), cast(null as decimal(18, 8)), false
    from unkeyed
    inner join orders on orders.agreement_id = unkeyed.agreement_id and orders.connection = unkeyed.connection and orders.place = 1
    inner join signed on signed.agreement_id = unkeyed.agreement_id and signed.version_no = orders.version_no
    where unkeyed.value_amount <> 0

    union all

    select
        signed.agreement_id, 'REVREC', 'the revenue arrangement',
        coalesce(orders.role, signed.role), coalesce(orders.connection, signed.connection),
        coalesce(orders.object, signed.object), coalesce(orders.source_id, signed.source_id),
        coalesce(orders.row_id, signed.row_id), coalesce(orders.value_amount, signed.value_amount),
        coalesce(orders.currency, signed.currency),
        arrangements.role, arrangements.connection, arrangements.object, arrangements.source_id, arrangements.row_id,
        arrangements.value_amount, arrangements.currency,
        cast(null as string), cast(null as string), arrangements.source_id, cast(null as string), cast(null as string),
        arrangements.value_amount, coalesce(orders.value_amount, signed.value_amount), cast(null as decimal(18, 8)), false
    from arrangements
    inner join signed on signed.agreement_id = arrangements.agreement_id
    left join orders on orders.agreement_id = arrangements.agreement_id and orders.place = 1
    where coalesce(arrangements.version_no, -1) = coalesce(orders.version_no, signed.version_no, -1)

)

select
    statements.*,
    signed.agreement_number,
    signed.customer_id
from statements
inner join signed on signed.agreement_id = statements.agreement_id
left join {{ ref('int_agreement__terminations') }} as ended on ended.agreement_id = statements.agreement_id
where ended.terminated_on is null or statements.value_amount >= statements.signed_value_amount
