-- Nothing the PSA says about time is lost or doubled on the way to its value.
with claims as (

    select count(*) as entries, sum(minutes) as minutes
    from {{ ref('int_time_entry__claims') }}
    where role = 'PSA'

),

valued as (

    select count(*) as entries, sum(minutes) as minutes from {{ ref('int_time_entry__valued') }}

)

select claims.entries, valued.entries as valued_entries, claims.minutes, valued.minutes as valued_minutes
from claims
cross join valued
where claims.entries <> valued.entries or coalesce(claims.minutes, 0) <> coalesce(valued.minutes, 0)
