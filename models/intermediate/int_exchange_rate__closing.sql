-- The rate of exchange at the end of each month: the ERP's latest one of the month, as known by now.
select
    from_currency,
    to_currency,
    {{ period_of('effective_on') }} as period,
    effective_on,
    exchange_rate,
    connection,
    object,
    source_id,
    row_id
from {{ ref('int_exchange_rate__claims') }}
where role = 'ERP' and claim_state = 'ok' and effective_on <= {{ as_of() }}
qualify
    row_number() over (
        partition by from_currency, to_currency, {{ period_of('effective_on') }}
        order by effective_on desc, connection, source_id
    ) = 1
