{{ config(materialized='table') }}

-- Agreed rates as ranges that never overlap: a later row ends the one before it, of two rows for one day the later version
-- counts.
with claims as (

    select *
    from {{ ref('int_rate__claims') }}
    where claim_state = 'ok' and role = 'CRM' and agreement_id is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by agreement_id, role_name, effective_from_on order by version_no desc, source_id desc
        ) as newest
    from claims

),

followed as (

    select
        *,
        lead(effective_from_on) over (partition by agreement_id, role_name order by effective_from_on) as next_from_on
    from ranked
    where newest = 1

)

select
    agreement_id,
    agreement_number,
    role_name,
    hourly_rate,
    currency,
    coalesce(effective_from_on, date '1900-01-01') as effective_from_on,
    least(
        coalesce(effective_to_on, date '9999-12-31'),
        coalesce(cast(next_from_on - interval 1 day as date), date '9999-12-31')
    ) as effective_to_on,
    row_id,
    connection,
    source_id
from followed
