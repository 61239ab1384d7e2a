{{ config(materialized='view') }}

-- The versions of each agreement as the CRM has them, and the month from which each counts: the one in which it reached finance.
with versions as (

    select
        claims.agreement_id,
        claims.version_no,
        claims.connection,
        claims.object,
        claims.source_id,
        claims.row_id,
        coalesce(claims.is_signed, false) as is_signed,
        coalesce(claims.signed_on, cast(claims.activated_at as date), cast(claims.updated_at as date)) as happened_on,
        {{ period_reached('coalesce(cast(claims.activated_at as date), claims.signed_on, cast(claims.updated_at as date))', 'claims.activated_at') }} as period
    from {{ ref('int_agreement_version__claims') }} as claims
    left join {{ ref('int_calendar__cut_offs') }} as cut_offs on cut_offs.day = cast(claims.activated_at as date)
    where claims.role = 'CRM' and claims.claim_state = 'ok' and claims.agreement_id is not null and claims.version_no is not null

),

numbered as (

    select *, row_number() over (partition by agreement_id, version_no order by is_signed desc, row_id) as place from versions

)

select agreement_id, version_no, is_signed, happened_on, period, connection, object, source_id, row_id
from numbered
where place = 1
