{{ config(materialized='table') }}

-- Obligations that are earned by a schedule, and the lines of their schedules, each with the first line that is not posted
-- yet. Left out: what is earned as charged, returns, other books, and obligations whose plan is made only when work or
-- billing begins and has no line yet.
with lines as (

    select *
    from {{ ref('int_revenue_line__claims') }}
    where claim_state = 'ok' and not is_return and book = 'primary' and method in ('percent_complete', 'straight_line', 'milestone', 'on_outcome')

),

ahead as (

    select
        connection,
        obligation_ref,
        source_id as next_line_ref,
        revenue_amount as next_amount,
        period as next_period,
        row_number() over (partition by connection, obligation_ref order by period, source_id) as place
    from lines
    where status = 'planned'

),

plans as (

    select connection, obligation_ref, min(plan_ref) as plan_ref
    from lines
    group by connection, obligation_ref

),

obligations as (

    select claims.*
    from {{ ref('int_obligation__claims') }} as claims
    left join plans on plans.connection = claims.connection and plans.obligation_ref = claims.source_id
    {%- if is_configured('netsuite') %}
    left join {{ ref('stg_netsuite__revenue_elements') }} as element
        on element.connection = claims.connection and element.revenue_element_id = claims.source_id
    {%- endif %}
    where
        claims.claim_state = 'ok' and not claims.is_return and claims.book = 'primary'
        and claims.method in ('percent_complete', 'straight_line', 'milestone', 'on_outcome')
        {%- if is_configured('netsuite') %}
        and (plans.plan_ref is not null or lower(coalesce(element.create_revenue_plans_on, '')) not in ('billing', 'project progress'))
        {%- endif %}

),

scheduled as (

    select
        obligations.row_id, obligations.connection, obligations.role, obligations.object, obligations.source_id,
        obligations.book, obligations.obligation_key, obligations.source_id as obligation_ref,
        obligations.obligation_name, obligations.agreement_line_key, obligations.agreement_id, obligations.customer_id,
        obligations.legal_entity_id, obligations.needs_plan_update, obligations.currency,
        obligations.allocation_amount as scheduled_amount, false as is_line
    from obligations

    union all

    select
        lines.row_id, lines.connection, lines.role, lines.object, lines.source_id,
        lines.book, obligations.obligation_key, obligations.source_id,
        obligations.obligation_name, obligations.agreement_line_key, obligations.agreement_id, obligations.customer_id,
        obligations.legal_entity_id, obligations.needs_plan_update, lines.currency,
        lines.revenue_amount, true
    from lines
    inner join obligations on obligations.connection = lines.connection and obligations.source_id = lines.obligation_ref

)

select
    scheduled.*,
    plans.plan_ref,
    ahead.next_line_ref,
    ahead.next_amount,
    ahead.next_period
from scheduled
left join plans on plans.connection = scheduled.connection and plans.obligation_ref = scheduled.obligation_ref
left join ahead
    on ahead.connection = scheduled.connection and ahead.obligation_ref = scheduled.obligation_ref and ahead.place = 1
