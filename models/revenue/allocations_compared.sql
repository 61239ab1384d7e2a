{{ config(tags=['computed'], materialized='table') }}

-- What part of the price each line of an agreement has: as the evidence allocates it by stand-alone selling prices, and as the
-- elements of its arrangement have it, less what credit memos took back. What is earned as it is charged has no allocation, what depends
-- on an outcome is asked for by itself, and an obligation whose evidence cannot be used is not judged. `moved_amount` is what the
-- elements of the agreement hold too much on some lines and too little on others: money on the wrong obligation. A total that is wrong is
-- left out of it.
with elements as (

    select
        agreement_id,
        agreement_line_key,
        currency,
        min(connection) as connection,
        min(agreement_ref) as arrangement_ref,
        sum(allocation_amount) as booked_amount,
        max_by(source_id, allocation_amount) as element_ref,
        max_by(row_id, allocation_amount) as row_id,
        max(allocation_amount) as element_amount,
        max(customer_id) as customer_id,
        max(legal_entity_id) as legal_entity_id,
        max(obligation_name) as obligation_name
    from {{ ref('int_obligation__claims') }}
    where
        claim_state = 'ok' and book = 'primary' and method not in ('as_charged', 'on_outcome')
        and agreement_id is not null and agreement_line_key is not null
    group by agreement_id, agreement_line_key, currency

),

lines as (

    select
        elements.*,
        obligations.ssp_amount,
        cast(obligations.allocated_amount as decimal(18, 4)) as allocated_amount,
        cast(elements.booked_amount - obligations.allocated_amount as decimal(18, 4)) as difference_amount
    from elements
    inner join {{ source('revenue', 'obligations') }} as obligations
        on obligations.agreement_id = elements.agreement_id
        and obligations.obligation_key = elements.agreement_line_key
        and obligations.currency = elements.currency
        and obligations.book = 'primary'
    where obligations.status <> 'suspended' and obligations.allocated_amount is not null

),

totals as (

    select
        agreement_id,
        currency,
        count(*) as line_count,
        sum(case when difference_amount > 0 then difference_amount else 0 end) as excess_amount,
        sum(case when difference_amount < 0 then -difference_amount else 0 end) as short_amount
    from lines
    group by agreement_id, currency

)

select
    lines.row_id,
    lines.connection,
    'REVREC' as role,
    'revenueelement' as object,
    lines.element_ref as source_id,
    'primary' as book,
    lines.agreement_id,
    lines.customer_id,
    lines.legal_entity_id,
    lines.arrangement_ref,
    lines.agreement_line_key,
    lines.obligation_name,
    lines.currency,
    lines.ssp_amount,
    lines.allocated_amount,
    cast(lines.booked_amount as decimal(18, 4)) as booked_amount,
    lines.difference_amount,
    lines.element_ref,
    cast(lines.element_amount as decimal(18, 4)) as element_amount,
    totals.line_count,
    cast(least(totals.excess_amount, totals.short_amount) as decimal(18, 4)) as moved_amount,
    hidden.term_row_count as hidden_row_count
from lines
cross join {{ ref('revenue_hidden_rows') }} as hidden
inner join totals on totals.agreement_id = lines.agreement_id and totals.currency = lines.currency
