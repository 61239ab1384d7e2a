{{ config(materialized='view', schema='intermediate') }}

-- What was signed: one row per line of each activated version with the caps it brought, a row per version that waits for its
-- signature, and one for reimbursable expenses, which have no price of their own. A version counts from the month in which
-- it reached finance. The cap of a line is the one its version states. An agreement states one cap: a version has the one that
-- was seen there last before the day of the next version, or seen first. A version that changes rates of work that counted before
-- says what that work is worth more, line by line, on lines it does not name with a row of its own. Where no CRM knows an agreement, the
-- lines of its order stand in.
with stated as (

    select distinct obligation_key from ({{ stated_methods() }}) as stated

),

agreements as (

    select agreement_id, agreement_number, cap_amount, start_on, end_on, connection, object, source_id, row_id
    from {{ ref('agreement') }}

),

versions as (

    select * from {{ ref('int_agreement__versions') }}

),

firsts as (

    select agreement_id, min(happened_on) as happened_on, min(period) as period
    from versions
    where is_signed
    group by agreement_id

),

caps as (

    {%- if is_configured('salesforce') %}
    select
        ranged.agreement_id,
        ranged.version_no,
        max_by(seen.cap_amount, seen.version_no) as cap_amount
    from (
        select agreement_id, version_no, lead(happened_on) over (partition by agreement_id order by version_no) as until_on
        from versions
        where is_signed
    ) as ranged
    left join {{ ref('agreement_history') }} as seen
        on seen.agreement_id = ranged.agreement_id and not seen.is_deleted and seen.cap_amount is not null
        and (ranged.until_on is null or seen.version_no = 1 or cast(seen.valid_from as date) < ranged.until_on)
    group by ranged.agreement_id, ranged.version_no
    {%- else %}
    select cast(null as string) as agreement_id, cast(null as integer) as version_no, cast(null as decimal(18, 4)) as cap_amount
    where false
    {%- endif %}

),

rerated as (

    select
        agreement_id, agreement_line_key, version_no, agreed_in, min(since_on) as since_on, sum(amount) as amount
    from {{ ref('int_time_entry__rerated') }}
    group by agreement_id, agreement_line_key, version_no, agreed_in

),

lines as (

    select
        lines.agreement_id,
        lines.version_no,
        versions.happened_on,
        versions.period,
        lines.agreement_line_key as obligation_key,
        lines.delta_amount as amount,
        case when lines.billing_type <> 'milestone' or stated.obligation_key is not null then lines.delta_hours end as quantity,
        lines.line_name,
        lines.billing_type,
        lines.start_on,
        lines.end_on,
        lines.cap_amount,
        lines.standalone_amount,
        lines.connection,
        lines.object,
        lines.source_id,
        lines.row_id
    from {{ ref('int_agreement__version_lines') }} as lines
    inner join versions
        on versions.agreement_id = lines.agreement_id and versions.version_no = lines.version_no
        and versions.is_signed
    left join stated on stated.obligation_key = lines.agreement_line_key
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
        ('agreement_cap', "case when priced.billing_type <> 'tm' then null when caps.agreement_id is null then agreements.cap_amount else caps.cap_amount end"),
        ('ssp', 'priced.standalone_amount'),
        ('rate_from', 'rerated.since_on'),
        ('rate_worth', 'rerated.amount'),
        ('is_signed', "'true'"),
    ]) }} as attributes,
    priced.connection,
    priced.object,
    priced.source_id,
    priced.row_id,
    1 as records
from priced
inner join agreements on agreements.agreement_id = priced.agreement_id
left join caps on caps.agreement_id = priced.agreement_id and caps.version_no = priced.version_no
left join rerated on rerated.agreement_line_key = priced.obligation_key and rerated.version_no = priced.version_no

union all

select
    rerated.agreement_id,
    'signed',
    versions.happened_on,
    versions.period,
    versions.version_no,
    rerated.agreement_line_key,
    cast(null as string),
    cast(0 as decimal(18, 4)),
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([
        ('name', 'rerated.agreement_line_key'),
        ('method', "'as_charged'"),
        ('rate_from', 'rerated.since_on'),
        ('rate_worth', 'rerated.amount'),
        ('is_signed', "'true'"),
    ]) }},
    versions.connection,
    versions.object,
    versions.source_id,
    versions.row_id,
    1
from rerated
inner join versions on versions.agreement_id = rerated.agreement_id and versions.version_no = rerated.version_no
left join lines on lines.obligation_key = rerated.agreement_line_key and lines.version_no = rerated.version_no
where lines.obligation_key is null

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
from versions
where not versions.is_signed

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
