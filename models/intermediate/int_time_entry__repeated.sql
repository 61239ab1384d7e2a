{{ config(materialized='table') }}

-- ERP rows of a PSA entry that was posted before: of several rows with one key all but the one created first.
with repeated as (

    select time_entry_key
    from {{ ref('int_time_entry__posted') }}
    where claim_state = 'ok' and time_entry_key is not null
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
    from {{ ref('int_time_entry__posted') }} as timebills
    inner join repeated on repeated.time_entry_key = timebills.time_entry_key
    where timebills.claim_state = 'ok'
) as numbered
where copy_no > 1
