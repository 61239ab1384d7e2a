{{ config(materialized='table') }}

-- Agreed rates as ranges that never overlap, as they were known: from the beginning (`known_from` empty), and again from each month
-- in which a version counts that changes rates of months before it. A later row ends the one before it, of two rows for one day
-- the later version counts. A rate is agreed once its version is signed; one that a draft brings counts for nothing, and ends
-- nothing either: the rate before it goes on. A rate that names no version is agreed with the agreement; where no system keeps
-- versions, every rate is.
with versions as (

    select * from {{ ref('int_agreement__versions') }}

),

agreements as (

    select agreement_id, bool_or(is_signed) as is_signed, min(case when is_signed then period end) as first_period
    from versions
    group by agreement_id

),

claims as (

    select
        claims.*,
        case
            when agreements.agreement_id is null then true
            when claims.version_no is null then agreements.is_signed
            else coalesce(versions.is_signed, false)
        end as is_signed,
        case
            when versions.period > agreements.first_period and versions.period > {{ period_of("coalesce(claims.effective_from_on, date '1900-01-01')") }}
                then versions.period
            else ''
        end as known_from
    from {{ ref('int_rate__claims') }} as claims
    left join agreements on agreements.agreement_id = claims.agreement_id
    left join versions on versions.agreement_id = claims.agreement_id and versions.version_no = claims.version_no
    where claims.claim_state = 'ok' and claims.role = 'CRM' and claims.agreement_id is not null

),

drafts as (

    select distinct agreement_id, role_name, cast(effective_from_on - interval 1 day as date) as until_on
    from claims
    where not is_signed

),

signed as (

    select claims.*, drafts.until_on is not null as goes_on
    from claims
    left join drafts
        on drafts.agreement_id = claims.agreement_id and drafts.role_name = claims.role_name
        and drafts.until_on = claims.effective_to_on
    where claims.is_signed

),

moments as (

    select agreement_id, known_from, max(version_no) as known_version_no
    from signed
    where known_from <> ''
    group by agreement_id, known_from

    union all

    select distinct agreement_id, '', cast(null as integer)
    from signed

),

ranked as (

    select
        signed.agreement_id,
        signed.agreement_number,
        signed.role_name,
        signed.hourly_rate,
        signed.currency,
        signed.effective_from_on,
        signed.effective_to_on,
        signed.goes_on,
        signed.row_id,
        signed.connection,
        signed.source_id,
        moments.known_from,
        moments.known_version_no,
        row_number() over (
            partition by signed.agreement_id, signed.role_name, moments.known_from, signed.effective_from_on
            order by signed.version_no desc, signed.source_id desc
        ) as newest
    from signed
    inner join moments on moments.agreement_id = signed.agreement_id and moments.known_from >= signed.known_from

),

followed as (

    select
        *,
        lead(effective_from_on) over (partition by agreement_id, role_name, known_from order by effective_from_on) as next_from_on
    from ranked
    where newest = 1

)

select
    agreement_id,
    agreement_number,
    role_name,
    known_from,
    known_version_no,
    hourly_rate,
    currency,
    coalesce(effective_from_on, date '1900-01-01') as effective_from_on,
    least(
        coalesce(case when not goes_on then effective_to_on end, date '9999-12-31'),
        coalesce(cast(next_from_on - interval 1 day as date), date '9999-12-31')
    ) as effective_to_on,
    max(known_from) over (partition by agreement_id) as last_known_from,
    row_id,
    connection,
    source_id
from followed
