{{ config(materialized='table') }}

-- ERP rows of a PSA entry that was posted before: of several rows with one key all but the one created first.
with timebills as (

    select connection, source_id, time_entry_key, created_at
    from (
        {{ all_claims('time_entry') }}
    ) as claims
    where role = 'ERP' and claim_state = 'ok' and time_entry_key is not null

),

repeated as (

    select time_entry_key
    from timebills
    group by time_entry_key
    having count(*) > 1

)

select connection, source_id, time_entry_key, copy_no
from (
    select
        timebills.connection,
        timebills.source_id,
        timebills.time_entry_key,
        row_number() over (
            partition by timebills.time_entry_key
            order by timebills.created_at, length(timebills.source_id), timebills.source_id
        ) as copy_no
    from timebills
    inner join repeated on repeated.time_entry_key = timebills.time_entry_key
) as numbered
where copy_no > 1
