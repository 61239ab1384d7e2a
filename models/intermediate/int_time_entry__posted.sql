{{ config(materialized='table') }}

-- Time as the ERP holds it, with what was charged for it. A line that does not name the PSA's entry takes that of its twin (same
-- person, day, project, task and hours) as `twin_key`; `likeness` says what it shares with others that have no twin either.
-- `approved_period` is the month it counts in by when it was approved, as the ERP was told, and no later than it was received: what is
-- left to tell it by once the PSA has no entry. `is_contracted` is false where the project belongs to another company than the agreement.
-- Only columns that something reads: writing millions of rows costs by the column. `time_ref = time_ref` leaves no charge out: without
-- a condition on them the charges look larger than the time, and an engine would hold all of the time in memory to join them.
{% set approved_at = 'least(timebills.approved_at, coalesce(timebills.first_posted_at, timebills.created_at))' -%}
with keyless as (

    select connection, source_id, person_ref, work_on, project_ref, coalesce(task_ref, '') as task_ref, hours
    from (
        {{ all_claims('time_entry') }}
    ) as claims
    where role = 'ERP' and claim_state = 'ok' and state = 'approved' and time_entry_key is null

),

twins as (

    select keyless.connection, keyless.source_id, min(named.time_entry_key) as twin_key
    from (
        {{ all_claims('time_entry') }}
    ) as named
    inner join keyless
        on keyless.connection = named.connection
        and keyless.person_ref = named.person_ref
        and keyless.work_on = named.work_on
        and keyless.project_ref = named.project_ref
        and keyless.task_ref = coalesce(named.task_ref, '')
        and keyless.hours = named.hours
    where named.role = 'ERP' and named.time_entry_key is not null and named.state = 'approved'
    group by keyless.connection, keyless.source_id

),

misplaced as (

    select projects.connection, projects.source_id
    from {{ ref('int_project__claims') }} as projects
    inner join (
        select agreement_id, min(legal_entity_id) as legal_entity_id from {{ ref('int_agreement__keys') }} group by agreement_id
    ) as agreements on agreements.agreement_id = projects.agreement_id
    inner join {{ ref('int_legal_entity__keys') }} as companies on companies.legal_entity_code = projects.legal_entity_code
    where projects.role = 'ERP' and projects.claim_state = 'ok' and companies.legal_entity_id <> agreements.legal_entity_id

)

select
    timebills.row_id,
    timebills.connection,
    timebills.object,
    timebills.source_id,
    timebills.claim_state,
    timebills.time_entry_key,
    timebills.kind,
    timebills.work_on,
    timebills.hours,
    timebills.is_billable,
    timebills.state,
    timebills.legal_entity_ref,
    timebills.first_posted_at,
    timebills.created_at,
    timebills.project_id,
    timebills.agreement_id,
    timebills.customer_id,
    timebills.person_id,
    timebills.legal_entity_id,
    twins.twin_key,
    case when timebills.time_entry_key is null then concat_ws(
        '|', timebills.person_ref, timebills.work_on, timebills.project_ref, coalesce(timebills.task_ref, ''), timebills.hours
    ) end as likeness,
    misplaced.source_id is null as is_contracted,
    {{ period_reached('timebills.work_on', approved_at) }} as approved_period,
    charged.charged_amount,
    charged.currency as charge_currency,
    charged.charge_ref,
    charged.invoice_ref,
    charged.invoice_line_ref,
    charged.billing_state,
    charged.is_waived
from {{ ref('int_time_entry__claims') }} as timebills
left join (
    select * from {{ ref('int_time_entry__charged') }} where time_ref = time_ref
) as charged
    on charged.connection = timebills.connection and charged.time_ref = timebills.source_id
left join misplaced on misplaced.connection = timebills.connection and misplaced.source_id = timebills.project_ref
left join twins on twins.connection = timebills.connection and twins.source_id = timebills.source_id
left join {{ ref('int_calendar__cut_offs') }} as cut_offs on cut_offs.day = cast({{ approved_at }} as date)
where timebills.role = 'ERP'
