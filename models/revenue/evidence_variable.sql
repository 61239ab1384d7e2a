{{ config(materialized='view', schema='intermediate') }}

-- Variable amounts of signed agreements: each element as a promise of its own, signed with the agreement at its first estimate;
-- then every estimate, and the outcome. A penalty is no promise: it changes the price of the whole agreement. How much of an
-- estimate counts is decided by the policy of the book; one that nobody called likely does not.
with versions as (

    select agreement_id, min(happened_on) as happened_on, min(period) as period
    from {{ ref('evidence_terms') }}
    where kind = 'signed' and obligation_key is not null
    group by agreement_id

),

estimates as (

    select
        claims.*,
        versions.happened_on as signed_on,
        versions.period as signed_period,
        case when claims.kind <> 'penalty' then claims.agreement_line_key end as obligation_key,
        row_number() over (partition by claims.agreement_line_key order by claims.estimated_on, claims.source_id) as place
    from {{ ref('int_variable_element__claims') }} as claims
    inner join versions on versions.agreement_id = claims.agreement_id
    where
        claims.role = 'CRM' and claims.claim_state = 'ok' and claims.agreement_line_key is not null
        and claims.estimated_on is not null

)

select
    estimates.agreement_id,
    'signed' as kind,
    estimates.signed_on as happened_on,
    estimates.signed_period as period,
    1 as version_no,
    estimates.obligation_key,
    estimates.currency,
    estimates.estimate_amount as amount,
    cast(null as decimal(18, 8)) as quantity,
    cast(null as string) as unit,
    {{ json_of([
        ('name', 'estimates.element_name'),
        ('method', "'success_fee'"),
        ('start_on', 'agreement.start_on'),
        ('end_on', 'coalesce(estimates.due_on, agreement.end_on)'),
        ('is_signed', "'true'"),
    ]) }} as attributes,
    estimates.connection,
    estimates.object,
    estimates.source_id,
    estimates.row_id,
    1 as records
from estimates
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = estimates.agreement_id
where estimates.place = 1 and estimates.obligation_key is not null

union all

select
    agreement_id,
    'variable',
    estimated_on,
    greatest({{ period_of('estimated_on') }}, signed_period),
    cast(null as integer),
    obligation_key,
    currency,
    estimate_amount,
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([('element', 'agreement_line_key'), ('confidence', "coalesce(likelihood, 'possible')"), ('outcome', "'estimated'")]) }},
    connection,
    object,
    source_id,
    row_id,
    1
from estimates

union all

select
    agreement_id,
    'variable',
    resolved_on,
    greatest({{ period_of('resolved_on') }}, signed_period),
    cast(null as integer),
    obligation_key,
    currency,
    coalesce(resolved_amount, 0),
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([('element', 'agreement_line_key'), ('outcome', "'resolved'")]) }},
    connection,
    object,
    source_id,
    row_id,
    1
from estimates
where resolved_on is not null
