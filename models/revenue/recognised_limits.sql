{{ config(tags=['computed'], materialized='table') }}

-- What counts against the limit of revenue of each agreement line: its posted revenue up to the last month whose revenue run is
-- done, what credit memos took back, and what is planned since to correct it. The limit of time is the cap of its line, else the cap
-- of the agreement; time without a cap has none. The limit of everything else is the price the evidence allocates to the line.
with run as (

    select last_period as period from {{ ref('int_accounting_period__run') }}

),

limits as (

    select
        terms.agreement_line_key,
        terms.currency,
        case
            when terms.billing_type = 'tm' and terms.line_cap_amount is null then terms.agreement_number || '/cap'
            else terms.agreement_line_key
        end as limit_key,
        case when terms.billing_type = 'tm' then coalesce(terms.line_cap_amount, terms.agreement_cap_amount) else obligations.allocated_amount end
            as allowed_amount,
        terms.billing_type = 'tm' as is_capped
    from {{ ref('int_agreement_line__terms') }} as terms
    left join {{ source('revenue', 'obligations') }} as obligations
        on obligations.agreement_id = terms.agreement_id
        and obligations.obligation_key = terms.agreement_line_key
        and obligations.currency = terms.currency
        and obligations.book = 'primary'
        and obligations.status <> 'suspended'

),

counted as (

    select
        claims.*,
        limits.limit_key,
        limits.allowed_amount,
        limits.is_capped
    from {{ ref('int_revenue_line__claims') }} as claims
    cross join run
    inner join limits
        on limits.agreement_line_key = claims.agreement_line_key
        and limits.currency = claims.currency
        and limits.allowed_amount is not null
    where
        claims.claim_state = 'ok' and claims.book = 'primary'
        and (
            claims.status = 'posted' and claims.period <= run.period
            or claims.status = 'planned' and (claims.is_catch_up or claims.revenue_amount < 0)
        )

),

-- The obligation that a correction goes to: the one of the limit that earned most in its last month.
latest as (

    select limit_key, currency, obligation_ref, period
    from (
        select
            limit_key,
            currency,
            obligation_ref,
            period,
            row_number() over (partition by limit_key, currency order by period desc, sum(revenue_amount) desc, obligation_ref) as place
        from counted
        where status = 'posted' and not is_return
        group by limit_key, currency, obligation_ref, period
    ) as ranked
    where place = 1

)

select
    counted.row_id, counted.connection, counted.role, counted.object, counted.source_id, counted.book,
    counted.agreement_id, counted.customer_id, counted.legal_entity_id, counted.agreement_line_key, counted.currency,
    counted.limit_key,
    counted.revenue_amount as amount,
    cast(counted.allowed_amount as decimal(18, 4)) as allowed_amount,
    counted.is_capped,
    latest.obligation_ref,
    latest.period as last_period,
    hidden.term_row_count as hidden_row_count
from counted
cross join {{ ref('revenue_hidden_rows') }} as hidden
left join latest on latest.limit_key = counted.limit_key and latest.currency = counted.currency
