{{ config(tags=['computed'], materialized='table') }}

-- Remaining performance obligations of every agreement line at the last month whose revenue run is done, two ways: by policy (one row a
-- line: its price less what is earned, nothing where policy exempts it) and in the disclosure of the revenue system (`is_disclosed`, one
-- row an element: what it is allocated less what it recognised, nothing where it is flagged exempt). Elements of versions signed since
-- wait for their month; what is planned to correct earlier months counts like recognised revenue, like everywhere revenue is compared.
-- Credit memos take from price and revenue alike and are not counted. What remains of charged work is never less than nothing. Success
-- fees are earned the moment they count: nothing of them remains, and they are left to the check of variable consideration.
with lines as (

    select *
    from {{ ref('line_revenue') }}
    where not is_booked and book = 'primary' and coalesce(method, '') <> 'success_fee'

),

signed as (

    select agreement_id, obligation_key, version_no, min(period) as period
    from {{ ref('evidence') }}
    where kind = 'signed' and book = 'primary' and obligation_key is not null
    group by agreement_id, obligation_key, version_no

),

recognised as (

    select claims.connection, claims.obligation_ref, sum(claims.revenue_amount) as amount
    from {{ ref('int_revenue_line__claims') }} as claims
    cross join (select max(period) as last_period from lines) as run
    where
        claims.claim_state = 'ok' and not coalesce(claims.is_return, false)
        and (claims.status = 'posted' and claims.period <= run.last_period or claims.status = 'planned' and claims.is_catch_up)
    group by claims.connection, claims.obligation_ref

),

elements as (

    select
        claims.row_id,
        claims.connection,
        claims.role,
        claims.object,
        claims.source_id,
        claims.allocation_amount,
        coalesce(claims.is_rpo_exempt, false) as is_flagged,
        coalesce(recognised.amount, 0) as recognised_amount,
        lines.agreement_id,
        lines.obligation_key,
        lines.currency
    from {{ ref('int_obligation__claims') }} as claims
    inner join lines
        on lines.agreement_id = claims.agreement_id and lines.obligation_key = claims.agreement_line_key
        and lines.currency = claims.currency
    left join signed
        on signed.agreement_id = claims.agreement_id and signed.obligation_key = claims.agreement_line_key
        and signed.version_no = claims.version_no
    left join recognised on recognised.connection = claims.connection and recognised.obligation_ref = claims.source_id
    where
        claims.claim_state = 'ok' and claims.book = 'primary' and not coalesce(claims.is_return, false)
        and coalesce(signed.period, lines.last_period) <= lines.last_period

),

totals as (

    select
        agreement_id,
        obligation_key,
        currency,
        sum(allocation_amount) as allocated_amount,
        sum(recognised_amount) as recognised_amount,
        sum(case when is_flagged then 0 else allocation_amount - recognised_amount end) as open_amount,
        count(*) as element_count,
        count(case when is_flagged then 1 end) as flagged_count
    from elements
    group by agreement_id, obligation_key, currency

),

judged as (

    select
        lines.*,
        obligations.rpo_exemption,
        cast(totals.allocated_amount as decimal(18, 4)) as stated_amount,
        cast(totals.recognised_amount as decimal(18, 4)) as recognised_amount,
        totals.element_count,
        totals.flagged_count,
        lines.method in ('as_charged', 'expense') and totals.open_amount < 0 as is_used_up,
        cast(
            case
                when obligations.rpo_exemption is not null or lines.method in ('as_charged', 'expense') and lines.price_amount < lines.earned_amount
                    then 0
                else lines.price_amount - lines.earned_amount
            end as decimal(18, 4)
        ) as policy_amount
    from lines
    inner join totals
        on totals.agreement_id = lines.agreement_id and totals.obligation_key = lines.obligation_key and totals.currency = lines.currency
    inner join {{ source('revenue', 'obligations') }} as obligations
        on obligations.agreement_id = lines.agreement_id and obligations.obligation_key = lines.obligation_key
        and obligations.book = lines.book
    where obligations.status <> 'suspended' and lines.price_amount is not null

)

{%- set facts = [
    'book', 'agreement_id', 'customer_id', 'legal_entity_id', 'obligation_key', 'obligation_name', 'method', 'currency', 'period',
    'price_amount', 'earned_amount', 'stated_amount', 'recognised_amount', 'rpo_exemption', 'element_count', 'flagged_count', 'hidden_row_count'
] %}

select
    row_id, connection, role, object, source_id, false as is_disclosed, cast(null as boolean) as is_flagged, policy_amount as amount,
    {{ facts | join(', ') }}
from judged

union all

select
    elements.row_id, elements.connection, elements.role, elements.object, elements.source_id, true, elements.is_flagged,
    cast(case when elements.is_flagged or judged.is_used_up then 0 else elements.allocation_amount - elements.recognised_amount end as decimal(18, 4)),
    {% for name in facts %}judged.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
from elements
inner join judged
    on judged.agreement_id = elements.agreement_id and judged.obligation_key = elements.obligation_key and judged.currency = elements.currency
