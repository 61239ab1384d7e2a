-- Per connection that keeps books: the month new postings go to (the earliest one neither closed nor past its cut-off), and
-- the last month whose revenue run is done (the latest one with posted revenue).
with watermarks as (

    select connection, max(watermark) as watermark
    from {{ source('landed', 'watermarks') }}
    group by connection

),

posted as (

    select connection, max(period) as last_recognised_period
    from {{ ref('int_revenue_line__claims') }}
    where status = 'posted' and book = 'primary' and not is_return
    group by connection

)

select
    claims.connection,
    min(case when not claims.is_closed and calendar.cut_off_at > watermarks.watermark then claims.period end) as open_period,
    max(case when claims.is_closed then claims.period end) as last_closed_period,
    max(posted.last_recognised_period) as last_recognised_period
from {{ ref('int_accounting_period__claims') }} as claims
inner join {{ ref('int_calendar__periods') }} as calendar on calendar.period = claims.period
left join watermarks on watermarks.connection = claims.connection
left join posted on posted.connection = claims.connection
where claims.claim_state = 'ok'
group by claims.connection
