{{ config(materialized='table') }}

-- What each entry of the PSA is worth, the month it belongs to, and the ERP's row of it (of several the one created first);
-- what else the ERP says of it stands in int_time_entry__posted under that row.
--
-- Value: hours x rate, rounded once. The rate is the agreement's on time-and-materials lines (role and day of the work),
-- the entry's own on other billable lines; work that is not billable is worth nothing. Adjustments keep their value.
-- Month: that of the work when the entry reached finance before the month's cut-off, else the earliest month whose cut-off
-- was still ahead. It reached finance when the ERP first received it, else when it was approved. An adjustment belongs to
-- the month of the credit memo it names, else to that of its own posting day. `approved_period` asks the same of the approval
-- alone, whenever finance received the entry.
with entries as (

    select * from {{ ref('int_time_entry__claims') }} where role = 'PSA'

),

timebills as (

    select
        claims.time_entry_key,
        claims.row_id,
        claims.hours,
        claims.is_billable,
        claims.legal_entity_ref,
        claims.legal_entity_id,
        claims.first_posted_at
    from {{ ref('int_time_entry__posted') }} as claims
    left join {{ ref('int_time_entry__repeated') }} as repeated
        on repeated.connection = claims.connection and repeated.source_id = claims.source_id
    where claims.claim_state = 'ok' and claims.time_entry_key is not null and repeated.source_id is null

),

credits as (

    select source_id, min(period) as period
    from {{ ref('int_invoice__claims') }}
    where role = 'ERP' and kind = 'credit' and claim_state = 'ok' and is_posted
    group by source_id

),

projects as (

    select connection, source_id, billing_type
    from {{ ref('int_project__claims') }}
    where role = 'PSA' and claim_state = 'ok'

),

homes as (

    select
        people.connection,
        people.source_id,
        people.home_since_on,
        people.supplier_ref,
        home.legal_entity_id as home_id,
        coalesce(previous.legal_entity_id, home.legal_entity_id) as previous_id
    from {{ ref('int_person__claims') }} as people
    left join {{ ref('int_legal_entity__keys') }} as home on home.legal_entity_code = people.legal_entity_code
    left join {{ ref('int_legal_entity__keys') }} as previous
        on previous.legal_entity_code = people.previous_legal_entity_code
    where people.role = 'PSA' and people.claim_state = 'ok'

),

joined as (

    select
        entries.*,
        case when entries.work_on < homes.home_since_on then homes.previous_id else homes.home_id end as home_legal_entity_id,
        homes.supplier_ref,
        coalesce(terms.billing_type, projects.billing_type) as line_billing_type,
        rates.hourly_rate as contract_rate,
        rates.currency as contract_currency,
        timebills.row_id as timebill_row_id,
        timebills.hours as timebill_hours,
        timebills.is_billable as timebill_is_billable,
        timebills.legal_entity_ref as timebill_legal_entity_ref,
        timebills.legal_entity_id as timebill_legal_entity_id,
        timebills.first_posted_at as timebill_first_posted_at,
        coalesce(timebills.first_posted_at, entries.approved_at) as reached_finance_at,
        credits.period as credit_period
    from entries
    left join timebills
        on timebills.time_entry_key = entries.time_entry_key and entries.kind = 'actual'
    left join projects on projects.connection = entries.connection and projects.source_id = entries.project_ref
    left join {{ ref('int_agreement_line__terms') }} as terms
        on terms.agreement_line_key = entries.agreement_line_key
    left join {{ ref('int_rate__effective') }} as rates
        on rates.agreement_id = entries.agreement_id
        and rates.role_name = entries.role_name
        and entries.work_on between rates.effective_from_on and rates.effective_to_on
    left join credits on credits.source_id = entries.credit_ref
    left join homes on homes.connection = entries.connection and homes.source_id = entries.person_ref

),

rated as (

    select
        joined.*,
        coalesce(line_billing_type = 'tm' and contract_rate is not null, false) as is_at_contract_rate,
        case when line_billing_type = 'tm' and contract_rate is not null then contract_rate else hourly_rate end as rate_applied,
        case when line_billing_type = 'tm' and contract_rate is not null then contract_currency else currency end as value_currency
    from joined

),

priced as (

    select
        rated.*,
        case
            when kind = 'adjustment' then null
            when is_billable then {{ time_value('minutes', 'rate_applied', 'value_currency') }}
            when claim_state = 'ok' then cast(0 as decimal(18, 4))
        end as worked_value_amount
    from rated

)

select
    priced.row_id,
    priced.connection,
    priced.object,
    priced.source_id,
    priced.claim_state,
    priced.updated_at,
    priced.time_entry_key,
    priced.kind,
    priced.project_ref,
    priced.task_ref,
    priced.person_ref,
    priced.role_name,
    priced.agreement_line_key,
    priced.work_on,
    priced.minutes,
    priced.hours,
    priced.is_billable,
    priced.state,
    priced.approved_at,
    priced.hourly_rate,
    priced.cost_rate,
    priced.currency,
    priced.is_invoiced,
    priced.credit_ref,
    priced.created_at,
    priced.project_id,
    priced.agreement_id,
    priced.customer_id,
    priced.person_id,
    priced.home_legal_entity_id,
    priced.supplier_ref,
    priced.line_billing_type,
    coalesce(priced.state = 'approved', false) as is_approved,
    priced.contract_rate,
    priced.is_at_contract_rate,
    priced.value_currency,
    case when priced.kind = 'adjustment' then priced.value_amount else priced.worked_value_amount end as value_amount,
    case
        when priced.kind = 'adjustment' then coalesce(priced.credit_period, {{ period_of('priced.approved_at') }})
        when priced.reached_finance_at is null then null
        else greatest(
            {{ period_of('priced.work_on') }},
            case
                when cut_offs.cut_off_at is null or priced.reached_finance_at < cut_offs.cut_off_at then cut_offs.period_before
                else cut_offs.period_after
            end
        )
    end as posting_period,
    case
        when priced.state = 'approved' then {{ period_reached('priced.work_on', 'priced.approved_at', 'approval_days') }}
    end as approved_period,
    priced.timebill_row_id,
    priced.timebill_hours,
    priced.timebill_is_billable,
    priced.timebill_legal_entity_ref,
    priced.timebill_legal_entity_id,
    priced.timebill_first_posted_at
from priced
left join {{ ref('int_calendar__cut_offs') }} as cut_offs on cut_offs.day = cast(priced.reached_finance_at as date)
left join {{ ref('int_calendar__cut_offs') }} as approval_days on approval_days.day = cast(priced.approved_at as date)
