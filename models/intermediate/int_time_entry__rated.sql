{{ config(materialized='table') }}

-- Approved billable time on time-and-materials lines that stands in the ERP: its hours there at the agreed rate, and what was
-- applied to it: what was charged, as long as nothing was charged the entry's own rate. Time whose charge was waived (beyond
-- the cap) is left out. Where the ERP has the hours of the entry, they are worth what the entry is.
with entries as (

    select
        *,
        cast(round(timebill_hours * 60, 0) as bigint) as timebill_minutes
    from {{ ref('int_time_entry__valued') }}
    where
        kind = 'actual' and claim_state = 'ok' and is_approved and is_billable and is_at_contract_rate
        and timebill_row_id is not null and timebill_is_billable

)

select
    entries.row_id,
    entries.connection,
    entries.object,
    entries.source_id,
    entries.claim_state,
    entries.time_entry_key,
    entries.agreement_line_key,
    entries.role_name,
    entries.work_on,
    entries.hours,
    entries.timebill_hours,
    entries.hourly_rate,
    entries.contract_rate,
    entries.value_currency as currency,
    entries.project_id,
    entries.agreement_id,
    entries.customer_id,
    entries.person_id,
    entries.timebill_row_id,
    posted.connection as timebill_connection,
    posted.source_id as timebill_ref,
    case
        when entries.timebill_minutes = entries.minutes then entries.value_amount
        else {{ time_value('entries.timebill_minutes', 'entries.contract_rate', 'entries.value_currency') }}
    end as contract_amount,
    coalesce(
        posted.charged_amount,
        {{ time_value('entries.timebill_minutes', 'entries.hourly_rate', 'entries.value_currency') }}
    ) as applied_amount
from entries
inner join {{ ref('int_time_entry__posted') }} as posted on posted.row_id = entries.timebill_row_id
where not coalesce(posted.is_waived, false)
