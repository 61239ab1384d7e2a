{{ config(tags=['computed'], materialized='table') }}

-- Variable amounts of agreements that have a revenue arrangement: the last estimate of each element, what of it counts by the
-- policy of the primary book, and what the element of the arrangement is allocated. A penalty has no element of its own: only
-- whether it is looked after is asked.
with estimates as (

    select
        *,
        row_number() over (partition by agreement_line_key order by estimated_on desc, source_id desc) as place
    from {{ ref('int_variable_element__claims') }}
    where
        role = 'CRM' and claim_state = 'ok' and agreement_id is not null and agreement_line_key is not null
        and estimated_on <= {{ as_of() }}

),

arrangements as (

    select agreement_id, min(connection) as ledger_connection, min(agreement_ref) as arrangement_ref
    from {{ ref('int_obligation__claims') }}
    where claim_state = 'ok' and book = 'primary' and agreement_id is not null
    group by agreement_id

),

elements as (

    select
        agreement_line_key,
        sum(allocation_amount) as booked_amount,
        max(case when place = 1 then source_id end) as element_ref,
        max(case when place = 1 then row_id end) as element_row_id,
        max(allocation_amount) as element_amount
    from (
        select
            *,
            row_number() over (partition by agreement_line_key order by allocation_amount desc nulls last, source_id, connection) as place
        from {{ ref('int_obligation__claims') }}
        where claim_state = 'ok' and book = 'primary' and not coalesce(is_return, false) and agreement_line_key is not null
    ) as ranked
    group by agreement_line_key

)

select
    estimates.row_id,
    estimates.connection,
    estimates.role,
    estimates.object,
    estimates.source_id,
    estimates.agreement_line_key,
    estimates.agreement_id,
    estimates.customer_id,
    estimates.currency,
    estimates.element_name,
    estimates.kind,
    estimates.estimate_amount,
    estimates.likelihood,
    estimates.estimated_on,
    estimates.due_on,
    estimates.resolved_on,
    estimates.resolved_amount,
    cast(obligations.allocated_amount as decimal(18, 4)) as included_amount,
    cast(coalesce(elements.booked_amount, 0) as decimal(18, 4)) as booked_amount,
    arrangements.ledger_connection,
    arrangements.arrangement_ref,
    elements.element_ref,
    elements.element_row_id,
    cast(elements.element_amount as decimal(18, 4)) as element_amount
from estimates
inner join arrangements on arrangements.agreement_id = estimates.agreement_id
left join {{ source('revenue', 'obligations') }} as obligations
    on obligations.agreement_id = estimates.agreement_id and obligations.obligation_key = estimates.agreement_line_key
    and obligations.book = 'primary' and obligations.status <> 'suspended'
left join elements on elements.agreement_line_key = estimates.agreement_line_key
where estimates.place = 1
