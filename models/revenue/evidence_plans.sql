{{ config(materialized='view', schema='intermediate') }}

-- How much of a line has a plan on the day of observation: what is booked, at what an hour of the line is worth, and the work that
-- is done and waits for its approval; nothing of a line that has no project yet. The plan is the one that stands now: no system keeps
-- an earlier one. What time or acceptance earns has no plan in hours. Estimates of tasks are no evidence of revenue: progress of a fixed
-- fee is measured against the hours sold.
select
    agreement_id,
    'scheduled' as kind,
    {{ as_of() }} as happened_on,
    {{ period_of(as_of()) }} as period,
    cast(null as integer) as version_no,
    obligation_key,
    currency,
    scheduled_amount as amount,
    cast(planned_hours as decimal(18, 8)) as quantity,
    'hours' as unit,
    {{ json_of([('project', 'project_id')]) }} as attributes,
    coalesce(connection, signed_in) as connection,
    'int_assignment__claims' as object,
    obligation_key as source_id,
    cast(null as bigint) as row_id,
    1 as records
from {{ ref('line_plans') }}
where not is_over and plan in ('work', 'bank')
