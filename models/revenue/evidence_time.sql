{{ config(materialized='view', schema='intermediate') }}

-- Work by agreement line and month: what reached finance in that month (approved), and, by project, what had been done in it and
-- was submitted but not approved at its cut-off, which only an accrual can show (not approved). Work on time-and-materials lines counts when
-- it is billable and is worth its hours at the contract rate as it was known in the month the work counts in (what is agreed later
-- for that work is part of what is signed, see evidence_terms); corrections of time carry their own value, unless a posted credit
-- memo already gives up the price of the rejected work. On other lines all approved hours are progress, on lines priced by milestones
-- where somebody said by what they are earned. Work of an agreement that was
-- ended early is summed by itself as far as its last day: `until`.
with stated as (

    select distinct obligation_key from ({{ stated_methods() }}) as stated

),

credits as (

    select distinct source_id
    from {{ ref('int_invoice__claims') }}
    where
        role = 'ERP' and kind = 'credit' and claim_state = 'ok' and is_posted
        and upper(credit_reason) = 'HOURS_REJECTED' and agreement_id is not null

),

entries as (

    select
        valued.agreement_id,
        agreement_line_key,
        line_billing_type,
        value_currency as currency,
        {{ period_of('work_on') }} as worked_in,
        case when is_approved then posting_period end as period,
        approved_period as approved_in,
        kind = 'adjustment' as is_adjustment,
        project_id,
        case when work_on <= ended.terminated_on then ended.terminated_on end as until_on,
        case when line_billing_type = 'tm' and is_billable then value_amount else 0 end as amount,
        case when kind = 'actual' then {{ billed_hours('minutes') }} else 0 end as quantity
    from {{ ref('int_time_entry__valued') }} as valued
    left join credits on credits.source_id = valued.credit_ref
    left join {{ ref('int_agreement__terminations') }} as ended on ended.agreement_id = valued.agreement_id
    left join stated on stated.obligation_key = valued.agreement_line_key
    where
        credits.source_id is null
        and claim_state = 'ok' and valued.agreement_id is not null and agreement_line_key is not null
        and state in ('approved', 'submitted')
        and (line_billing_type in ('tm', 'fixed_fee', 'managed_service') or stated.obligation_key is not null)
        and (line_billing_type <> 'tm' or (is_billable and value_amount is not null))

),

counted as (

    select agreement_id, agreement_line_key, currency, period, true as is_approved, is_adjustment, cast(null as string) as project_id, until_on, amount, quantity, 1 as records
    from entries
    where period is not null

    union all

    select agreement_id, agreement_line_key, currency, counted_in, true, false, cast(null as string), until_on, -amount, 0, 0
    from {{ ref('int_time_entry__rerated') }}

    union all

    select agreement_id, agreement_line_key, currency, worked_in, false, false, project_id, until_on, amount, quantity, 1
    from entries
    where line_billing_type = 'tm' and (approved_in is null or approved_in > worked_in) and quantity > 0

),

months as (

    select
        agreement_id,
        agreement_line_key,
        currency,
        period,
        is_approved,
        is_adjustment,
        project_id,
        until_on,
        cast(sum(amount) as decimal(18, 4)) as amount,
        cast(sum(quantity) as decimal(18, 8)) as quantity,
        sum(records) as records
    from counted
    group by agreement_id, agreement_line_key, currency, period, is_approved, is_adjustment, project_id, until_on

)

select
    months.agreement_id,
    'worked' as kind,
    periods.end_on as happened_on,
    months.period,
    cast(null as integer) as version_no,
    months.agreement_line_key as obligation_key,
    months.currency,
    months.amount,
    months.quantity,
    'hours' as unit,
    {{ json_of([
        ('approved', 'months.is_approved'),
        ('adjustment', 'months.is_adjustment'),
        ('project', 'months.project_id'),
        ('until', 'case when months.until_on < periods.end_on then months.until_on end'),
    ]) }} as attributes,
    cast(null as string) as connection,
    'int_time_entry__valued' as object,
    concat(months.agreement_line_key, '@', months.period) as source_id,
    cast(null as bigint) as row_id,
    months.records
from months
inner join {{ ref('int_calendar__periods') }} as periods on periods.period = months.period
