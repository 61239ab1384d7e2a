{{ config(materialized='table') }}

-- Every id of another system that a record holds, judged: does its target exist, does it point back to the same record,
-- and is it the only one that points there.
--
-- orphan: the target is not there. crossed: the two directions, or two fields of one record, name different records.
-- many_to_one: another record is the target's counterpart. half: the target does not point back although its kind does.
-- The same link held in two fields is one pointer. Pointers to kinds of records of which nothing is landed are not judged. An id
-- that several systems of a kind have given leads to the record that is the same customer, project or invoice as its holder.
with pointers as (

    select
        connection,
        role,
        system,
        from_entity,
        from_object,
        from_id,
        to_role,
        to_system,
        to_object,
        {{ reference_key('to_system', 'to_id') }} as to_key,
        max(to_id) as to_id,
        min(field) as field,
        min(row_id) as row_id
    from {{ ref('int_cross_reference__claims') }}
    where claim_state = 'ok' and from_id is not null and to_id is not null
    group by
        connection, role, system, from_entity, from_object, from_id, to_role, to_system, to_object,
        {{ reference_key('to_system', 'to_id') }}

),

records as (

    {% for entity in ['customer', 'project', 'agreement', 'opportunity', 'person', 'milestone', 'invoice'] -%}
    select '{{ entity }}' as entity, connection, system, lower(object) as object, source_id, max(row_id) as row_id
    from {{ ref('int_' ~ entity ~ '__claims') }}
    group by connection, system, object, source_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

merged as (

    select connection, lower(object) as object, source_id
    from {{ source('crosswalk', 'links') }}
    where method = 'merged' and valid_to is null

),

targets as (

    select
        records.connection,
        records.system,
        records.object,
        {{ reference_key('records.system', 'records.source_id') }} as to_key,
        min(records.source_id) as source_id,
        max(records.row_id) as row_id
    from records
    group by records.connection, records.system, records.object, {{ reference_key('records.system', 'records.source_id') }}

),

aimed as (

    select
        pointers.*,
        targets.connection as target_connection,
        targets.source_id as target_id,
        targets.row_id as target_row_id
    from pointers
    left join targets
        on targets.system = pointers.to_system
        and targets.object = lower(pointers.to_object)
        and targets.to_key = pointers.to_key
    left join {{ ref('int_links') }} as holder
        on holder.entity = pointers.from_entity
        and holder.connection = pointers.connection
        and holder.source_id = pointers.from_id
    left join {{ ref('int_links') }} as same
        on same.entity = holder.entity
        and same.enterprise_id = holder.enterprise_id
        and same.connection = targets.connection
        and same.source_id = targets.source_id
    left join {{ ref('int_invoice__copies') }} as copies
        on pointers.from_entity = 'invoice'
        and copies.connection = pointers.connection
        and copies.object = pointers.from_object
        and copies.source_id = pointers.from_id
        and copies.invoice_connection = targets.connection
        and copies.invoice_ref = targets.source_id
    qualify
        row_number() over (
            partition by
                pointers.connection, pointers.role, pointers.from_entity, pointers.from_object, pointers.from_id,
                pointers.to_role, pointers.to_system, pointers.to_object, pointers.to_key
            order by case when coalesce(same.source_id, copies.source_id) is not null then 0 else 1 end, targets.connection
        ) = 1

),

kinds as (

    select distinct system, object from records

),

resolved as (

    select
        pointers.*,
        case
            when pointers.target_id is not null then true
            when exists (
                select 1 from merged
                where
                    merged.object = lower(pointers.to_object)
                    and {{ reference_key('pointers.to_system', 'merged.source_id') }} = pointers.to_key
            ) then true
            else false
        end as is_there,
        {{ reference_key('pointers.system', 'pointers.from_id') }} as from_key,
        case
            when pointers.from_entity = 'customer' and pointers.role in ('CRM', 'ERP') and pointers.to_role in ('CRM', 'ERP') then 'pair'
            when pointers.from_entity = 'project' and pointers.role in ('PSA', 'ERP') and pointers.to_role in ('PSA', 'ERP') then 'pair'
            when pointers.from_entity = 'opportunity' and pointers.to_role = 'PSA' then 'first'
            when pointers.from_entity = 'project' and pointers.to_role = 'CRM' then 'member'
            when pointers.from_entity in ('customer', 'agreement', 'person', 'billing_event', 'invoice') then 'single'
            else 'many'
        end as relation
    from aimed as pointers
    inner join kinds on kinds.system = pointers.to_system and kinds.object = lower(pointers.to_object)

),

-- What the target of a pointer points at in turn.
returned as (

    select
        pointer.connection,
        pointer.from_object,
        pointer.from_id,
        pointer.to_object,
        pointer.to_key,
        count(*) as ways_back,
        coalesce(bool_or(back.to_key = pointer.from_key and back.target_connection = pointer.connection), false) as is_mutual,
        bool_or(back.to_key <> pointer.from_key and back.is_there) as names_another
    from resolved as pointer
    inner join resolved as back
        on back.connection = pointer.target_connection
        and lower(back.from_object) = lower(pointer.to_object)
        and back.from_key = pointer.to_key
        and back.to_system = pointer.system
        and lower(back.to_object) = lower(pointer.from_object)
    where pointer.relation in ('pair', 'first', 'member')
    group by pointer.connection, pointer.from_object, pointer.from_id, pointer.to_object, pointer.to_key

),

mutual as (

    select
        resolved.connection,
        lower(resolved.from_object) as from_object,
        resolved.target_connection,
        lower(resolved.to_object) as to_object,
        resolved.to_key,
        min(resolved.from_key) as from_key
    from resolved
    inner join returned
        on returned.connection = resolved.connection
        and returned.from_object = resolved.from_object
        and returned.from_id = resolved.from_id
        and returned.to_object = resolved.to_object
        and returned.to_key = resolved.to_key
    where returned.is_mutual
    group by resolved.connection, lower(resolved.from_object), resolved.target_connection, lower(resolved.to_object), resolved.to_key

),

-- Who else points at the same target, and whether another record or field leads to the holder's true counterpart.
ranked as (

    select
        resolved.*,
        coalesce(returned.ways_back, 0) as ways_back,
        coalesce(returned.is_mutual, false) as is_mutual,
        coalesce(returned.names_another, false) as names_another,
        mutual.from_key as counterpart_key,
        row_number() over (
            partition by
                resolved.connection, resolved.from_object, resolved.to_system, resolved.target_connection, resolved.to_object,
                resolved.to_key
            order by length(resolved.from_id), resolved.from_id
        ) as place,
        exists (
            select 1
            from resolved as path
            where
                path.is_there
                and path.to_system = resolved.system
                and coalesce(path.target_connection, resolved.connection) = resolved.connection
                and lower(path.to_object) = lower(resolved.from_object)
                and path.to_key = resolved.from_key
                and path.system = resolved.to_system
        ) or exists (
            select 1
            from resolved as path
            where
                path.is_there
                and path.connection = resolved.connection
                and path.from_object = resolved.from_object
                and path.from_id = resolved.from_id
                and path.to_object = resolved.to_object
                and path.to_key <> resolved.to_key
        ) as has_second_path
    from resolved
    left join returned
        on returned.connection = resolved.connection
        and returned.from_object = resolved.from_object
        and returned.from_id = resolved.from_id
        and returned.to_object = resolved.to_object
        and returned.to_key = resolved.to_key
    left join mutual
        on mutual.connection = resolved.connection
        and mutual.from_object = lower(resolved.from_object)
        and mutual.target_connection = resolved.target_connection
        and mutual.to_object = lower(resolved.to_object)
        and mutual.to_key = resolved.to_key

),

judged as (

    select
        ranked.*,
        case
            when not is_there and role = 'ERP' and has_second_path then 'crossed'
            when not is_there then 'orphan'
            when target_id is null then null
            when relation = 'single' and place > 1 then 'many_to_one'
            when relation not in ('pair', 'first', 'member') or is_mutual then null
            when relation = 'member' and ways_back > 0 then null
            when relation = 'member' and place > 1 then null
            when ways_back = 0 then 'half'
            when counterpart_key is not null and counterpart_key <> from_key then 'many_to_one'
            when names_another and role <> 'ERP' then 'crossed'
        end as break_type
    from ranked

),

holders as (

    select entity, connection, source_id, min(enterprise_id) as enterprise_id
    from {{ ref('int_links') }}
    group by entity, connection, source_id

),

counterparts as (

    select
        link.entity,
        link.enterprise_id,
        records.system,
        records.object,
        min(records.source_id) as source_id
    from {{ ref('int_links') }} as link
    inner join records
        on records.entity = link.entity
        and records.connection = link.connection
        and records.source_id = link.source_id
    group by link.entity, link.enterprise_id, records.system, records.object
    having count(*) = 1

),

-- The record of the target's kind that points at the holder: where there are several, the first of a deal, else none.
pointing as (

    select
        system,
        lower(from_object) as object,
        target_connection,
        lower(to_object) as to_object,
        to_key,
        count(*) as holders,
        min_by(from_id, concat(lpad(from_id, 24, '0'), from_id)) as from_id
    from resolved
    where is_there
    group by system, lower(from_object), target_connection, lower(to_object), to_key

),

projects as (

    select project_id, min(agreement_id) as agreement_id, min(customer_id) as customer_id
    from {{ ref('int_project__claims') }}
    where claim_state = 'ok' and project_id is not null
    group by project_id

),

deals as (

    select opportunity_id, min(agreement_id) as agreement_id, min(customer_id) as customer_id
    from {{ ref('int_agreement__claims') }}
    where role = 'CRM' and claim_state = 'ok' and opportunity_id is not null
    group by opportunity_id

),

orders as (

    select connection, source_id, min(agreement_id) as agreement_id, min(customer_id) as customer_id
    from {{ ref('int_agreement__claims') }}
    where claim_state = 'ok'
    group by connection, source_id

),

bills as (

    select connection, source_id, min(customer_id) as customer_id, min(agreement_id) as agreement_id,
        min(invoice_ref) as invoice_ref
    from {{ ref('int_invoice__claims') }}
    where claim_state = 'ok'
    group by connection, source_id

)

select
    judged.connection,
    judged.role,
    judged.system,
    judged.from_entity,
    judged.from_object,
    judged.from_id,
    judged.field,
    judged.to_role,
    judged.to_system,
    judged.to_object,
    judged.to_id,
    judged.row_id,
    judged.target_connection,
    judged.target_id,
    judged.target_row_id,
    judged.relation,
    judged.break_type,
    case
        when judged.relation = 'first' or (judged.relation = 'pair' and pointing.holders = 1)
            then coalesce(pointing.from_id, counterparts.source_id)
        else counterparts.source_id
    end as wanted_id,
    holders.enterprise_id,
    case when judged.from_entity = 'customer' then holders.enterprise_id
        else coalesce(projects.customer_id, deals.customer_id, orders.customer_id, bills.customer_id) end as customer_id,
    coalesce(projects.agreement_id, deals.agreement_id, orders.agreement_id, bills.agreement_id) as agreement_id,
    case when judged.from_entity = 'project' then holders.enterprise_id end as project_id,
    bills.invoice_ref
from judged
left join holders
    on holders.entity = judged.from_entity
    and holders.connection = judged.connection
    and holders.source_id = judged.from_id
left join pointing
    on pointing.system = judged.to_system
    and pointing.object = lower(judged.to_object)
    and pointing.target_connection = judged.connection
    and pointing.to_object = lower(judged.from_object)
    and pointing.to_key = judged.from_key
left join counterparts
    on counterparts.entity = judged.from_entity
    and counterparts.enterprise_id = holders.enterprise_id
    and counterparts.system = judged.to_system
    and counterparts.object = lower(judged.to_object)
left join projects on projects.project_id = holders.enterprise_id and judged.from_entity = 'project'
left join deals on deals.opportunity_id = holders.enterprise_id and judged.from_entity = 'opportunity'
left join orders
    on orders.connection = judged.connection and orders.source_id = judged.from_id and judged.from_entity = 'agreement'
left join bills
    on bills.connection = judged.connection and bills.source_id = judged.from_id and judged.from_entity = 'invoice'
