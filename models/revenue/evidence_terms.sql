{{ config(materialized='view', schema='intermediate') }}

-- What was signed: one row per line of each activated version with its caps, a row per version that waits for its signature, and
-- one for reimbursable expenses, which have no price of their own. A version counts from the month in which
-- it reached finance. Where no CRM knows an agreement, the lines of its order stand in.
with agreements as (

    select agreement_id, agreement_number, cap_amount, start_on, end_on, connection, object, source_id, row_id
    from {{ ref('agreement') }}

),

versions as (

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

),

firsts as (

    select agreement_id, min(happened_on) as happened_on, min(period) as period
    from numbered
    where is_signed
    group by agreement_id

),

lines as (

    select
        lines.agreement_id,
        lines.version_no,
        versions.happened_on,
        versions.period,
        lines.agreement_line_key as obligation_key,
        lines.delta_amount as amount,
        case when lines.billing_type <> 'milestone' then lines.delta_hours end as quantity,
        lines.line_name,
        lines.billing_type,
        lines.start_on,
        lines.end_on,
        terms.line_cap_amount as cap_amount,
        lines.standalone_amount,
        lines.connection,
        lines.object,
        lines.source_id,
        lines.row_id
    from {{ ref('int_agreement__version_lines') }} as lines
    inner join numbered as versions
        on versions.agreement_id = lines.agreement_id and versions.version_no = lines.version_no
        and versions.place = 1 and versions.is_signed
    left join {{ ref('int_agreement_line__terms') }} as terms on terms.agreement_line_key = lines.agreement_line_key
    where lines.agreement_line_key is not null

),

ordered as (

    select
        terms.agreement_id,
        coalesce(terms.version_no, 1) as version_no,
        coalesce(terms.start_on, agreements.start_on) as happened_on,
        {{ period_of('coalesce(terms.start_on, agreements.start_on)') }} as period,
        terms.agreement_line_key as obligation_key,
        terms.value_amount as amount,
        cast(null as decimal(18, 8)) as quantity,
        cast(null as string) as line_name,
        terms.billing_type,
        terms.start_on,
        terms.end_on,
        terms.line_cap_amount as cap_amount,
        cast(null as decimal(18, 4)) as standalone_amount,
        terms.connection,
        'transactionline' as object,
        terms.source_id,
        terms.row_id
    from {{ ref('int_agreement_line__terms') }} as terms
    inner join agreements on agreements.agreement_id = terms.agreement_id
    left join firsts on firsts.agreement_id = terms.agreement_id
    where firsts.agreement_id is null and not exists (select 1 from versions where versions.agreement_id = terms.agreement_id)

),

priced as (

    select * from lines
    union all
    select * from ordered

),

reimbursed as (

    select distinct agreement_id
    from {{ ref('int_expense__claims') }}
    where claim_state = 'ok' and is_billable and agreement_id is not null

)

select
    priced.agreement_id,
    'signed' as kind,
    priced.happened_on,
    priced.period,
    priced.version_no,
    priced.obligation_key,
    cast(null as string) as currency,
    priced.amount,
    priced.quantity,
    case when priced.quantity is not null then 'hours' end as unit,
    {{ json_of([
        ('name', "coalesce(priced.line_name, priced.obligation_key)"),
        ('method', "case priced.billing_type when 'tm' then 'as_charged' when 'fixed_fee' then 'fixed_fee' when 'milestone' then 'milestone' when 'managed_service' then 'ratable' else priced.billing_type end"),
        ('start_on', 'coalesce(priced.start_on, agreements.start_on)'),
        ('end_on', 'coalesce(priced.end_on, agreements.end_on)'),
        ('cap', 'priced.cap_amount'),
        ('agreement_cap', "case when priced.billing_type = 'tm' then agreements.cap_amount end"),
        ('ssp', 'priced.standalone_amount'),
        ('is_signed', "'true'"),
    ]) }} as attributes,
    priced.connection,
    priced.object,
    priced.source_id,
    priced.row_id,
    1 as records
from priced
inner join agreements on agreements.agreement_id = priced.agreement_id

union all

select
    versions.agreement_id,
    'signed',
    versions.happened_on,
    versions.period,
    versions.version_no,
    cast(null as string),
    cast(null as string),
    cast(0 as decimal(18, 4)),
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([('is_signed', "'false'")]) }},
    versions.connection,
    versions.object,
    versions.source_id,
    versions.row_id,
    1
from numbered as versions
where versions.place = 1 and not versions.is_signed

union all

select
    agreements.agreement_id,
    'signed',
    firsts.happened_on,
    firsts.period,
    1,
    {{ expenses_of('agreements.agreement_number') }},
    cast(null as string),
    cast(0 as decimal(18, 4)),
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([('name', "'Reimbursed expenses'"), ('method', "'expense'"), ('start_on', 'agreements.start_on'), ('end_on', 'agreements.end_on'), ('is_signed', "'true'")]) }},
    agreements.connection,
    agreements.object,
    agreements.source_id,
    agreements.row_id,
    1
from reimbursed
inner join agreements on agreements.agreement_id = reimbursed.agreement_id
inner join firsts on firsts.agreement_id = reimbursed.agreement_id
