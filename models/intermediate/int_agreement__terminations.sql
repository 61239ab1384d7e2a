{{ config(materialized='table') }}

-- Signed agreements that were ended early, as their CRM says: the last day of service (empty where nobody entered it), what is due for it,
-- and the month from which it counts: that of the day, and where the CRM was seen without the day before, not before the month in
-- which it reached finance. What was there when the record was landed for the first time is taken to have been known on its day. An
-- end whose day is still to come is none yet. Without a day it counts from the month in which its status was seen, at the latest.
with ended as (

    select
        *,
        row_number() over (partition by agreement_id order by terminated_on nulls last, connection, source_id) as place
    from {{ ref('int_agreement__claims') }}
    where
        role = 'CRM' and claim_state = 'ok' and agreement_id is not null and is_terminated and state <> 'draft'
        and coalesce(terminated_on <= {{ as_of() }}, true)

),

signed as (

    select agreement_id, min(period) as period
    from {{ ref('int_agreement__versions') }}
    where is_signed
    group by agreement_id

),

seen as (

    {% if is_configured('salesforce') -%}
    select
        agreement_id,
        source_id,
        min(version_no) filter (where terminated_on is not null) as day_version_no,
        min_by(valid_from, version_no) filter (where terminated_on is not null) as day_known_at,
        min(version_no) filter (where status = 'Terminated') as status_version_no,
        min_by(valid_from, version_no) filter (where status = 'Terminated') as status_known_at
    from {{ ref('agreement_history') }}
    where not is_deleted
    group by agreement_id, source_id
    {%- else -%}
    select
        cast(null as string) as agreement_id, cast(null as string) as source_id,
        cast(null as integer) as day_version_no, cast(null as timestamp) as day_known_at,
        cast(null as integer) as status_version_no, cast(null as timestamp) as status_known_at
    where false
    {%- endif %}

),

reached as (

    select
        ended.agreement_id,
        ended.terminated_on,
        ended.termination_fee_amount,
        ended.currency,
        ended.connection,
        ended.object,
        ended.source_id,
        ended.row_id,
        signed.period as signed_period,
        case
            when ended.terminated_on is not null then case when seen.day_version_no > 1 then seen.day_known_at end
            when seen.status_version_no > 1 then seen.status_known_at
            else ended.updated_at
        end as reached_at
    from ended
    inner join signed on signed.agreement_id = ended.agreement_id
    left join seen on seen.agreement_id = ended.agreement_id and seen.source_id = ended.source_id
    where ended.place = 1

)

select
    reached.agreement_id,
    reached.terminated_on,
    reached.termination_fee_amount,
    reached.currency,
    greatest({{ period_reached('coalesce(reached.terminated_on, cast(reached.reached_at as date))', 'reached.reached_at') }}, reached.signed_period) as period,
    reached.connection,
    reached.object,
    reached.source_id,
    reached.row_id
from reached
left join {{ ref('int_calendar__cut_offs') }} as cut_offs on cut_offs.day = cast(reached.reached_at as date)
