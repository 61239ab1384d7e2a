{{ config(materialized='table') }}

-- What each line under way that is planned in hours is expected to take: the estimates of its tasks, when the manager last looked at
-- any of them, what was worked so far in whatever state, and what is booked on top. Its cost at completion is the cost so far, at
-- the same cost an hour for what is still booked or estimated; it is unknown where people cost another currency than the line's.
-- Beside it stands the progress that revenue has taken, by the last month whose revenue run is done.
with tasks as (

    select
        connection,
        agreement_line_key,
        object,
        source_id,
        row_id,
        planned_minutes,
        updated_at,
        row_number() over (
            partition by agreement_line_key order by planned_minutes desc nulls last, connection, length(source_id), source_id
        ) as place
    from {{ ref('int_task__planned') }}

),

estimates as (

    select
        agreement_line_key,
        sum(greatest(coalesce(planned_minutes, 0), 0)) as estimated_minutes,
        sum(case when planned_minutes < 0 then 1 else 0 end) as negative_tasks,
        max(updated_at) as looked_at,
        max(case when place = 1 then connection end) as connection,
        max(case when place = 1 then object end) as object,
        max(case when place = 1 then source_id end) as source_id,
        max(case when place = 1 then row_id end) as row_id,
        max(case when place = 1 then planned_minutes end) as task_minutes
    from tasks
    group by agreement_line_key

),

worked as (

    select
        obligation_key,
        max(case when hours > 0 then worked_in end) as last_worked_in,
        cast(sum(cost_amount) as decimal(18, 4)) as cost_amount,
        cast(sum(hours) as decimal(18, 4)) as costed_hours,
        min(cost_currency) as cost_currency,
        max(cost_currency) as last_cost_currency
    from {{ ref('time_months') }}
    where not is_adjustment
    group by obligation_key

),

progress as (

    select
        recognition.obligation_key,
        max(recognition.period) as progress_period,
        max_by(recognition.done, recognition.period) as done_value,
        max_by(recognition.total, recognition.period) as total_value
    from {{ source('revenue', 'recognition') }} as recognition
    inner join {{ ref('int_accounting_period__run') }} as run on recognition.period <= run.last_period
    where recognition.book = 'primary'
    group by recognition.obligation_key

),

lines as (

    select
        plans.*,
        agreement.customer_id,
        agreement.legal_entity_id,
        plans.done_hours + plans.waiting_hours as worked_hours,
        coalesce(worked.cost_amount, 0) as cost_amount,
        case when plans.currency = worked.cost_currency and plans.currency = worked.last_cost_currency then worked.costed_hours else 0 end
            as costed_hours,
        coalesce(worked.last_worked_in >= {{ period_of(as_of() ~ ' - 35') }}, false) as is_under_way,
        cast({{ safe_divide('estimates.estimated_minutes', '60', 4) }} as decimal(18, 4)) as estimated_hours,
        estimates.negative_tasks,
        estimates.looked_at,
        estimates.object,
        estimates.source_id,
        estimates.row_id,
        estimates.task_minutes,
        coalesce(progress.progress_period, run.last_period) as progress_period,
        coalesce(progress.done_value, 0) as done_value,
        coalesce(progress.total_value, 0) as total_value
    from {{ ref('line_plans') }} as plans
    inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = plans.agreement_id
    inner join estimates on estimates.agreement_line_key = plans.obligation_key
    left join worked on worked.obligation_key = plans.obligation_key
    left join progress on progress.obligation_key = plans.obligation_key
    cross join {{ ref('int_accounting_period__run') }} as run
    where not plans.is_over

),

expected as (

    select
        *,
        greatest(estimated_hours, worked_hours + planned_hours) as completion_hours,
        case
            when costed_hours > 0
                then {{ to_minor_unit(share_of('cost_amount', 'greatest(estimated_hours, worked_hours + planned_hours)', 'costed_hours'), 'currency') }}
        end as completion_cost_amount
    from lines

),

judged as (

    select
        *,
        coalesce(method <> 'as_charged' and completion_cost_amount > price_amount, false) as is_loss
    from expected

)

select
    row_id,
    connection,
    object,
    source_id,
    {{ period_of(as_of()) }} as observed_in,
    agreement_id,
    customer_id,
    legal_entity_id,
    project_id,
    obligation_key as agreement_line_key,
    currency,
    method,
    price_amount,
    sold_hours,
    worked_hours,
    planned_hours,
    estimated_hours,
    cast(completion_hours as decimal(18, 4)) as completion_hours,
    cast(completion_cost_amount as decimal(18, 4)) as completion_cost_amount,
    case when completion_cost_amount is not null then cast({{ to_minor_unit('cost_amount', 'currency') }} as decimal(18, 4)) end as cost_to_date_amount,
    cast(completion_cost_amount - {{ to_minor_unit('cost_amount', 'currency') }} as decimal(18, 4)) as cost_to_complete_amount,
    cast({{ to_minor_unit(share_of('signed_amount', 'greatest(worked_hours - estimated_hours, 0) * 10000', 'sold_hours * 10000'), 'currency') }} as decimal(18, 4))
        as overrun_amount,
    cast({{ to_minor_unit(share_of('signed_amount', 'worked_hours * 10000', 'sold_hours * 10000'), 'currency') }} as decimal(18, 4)) as worked_amount,
    is_loss,
    progress_period,
    done_value,
    total_value,
    estimated_hours > 0 as is_estimated,
    negative_tasks > 0 as is_negative,
    cast(looked_at as date) as looked_on,
    not is_under_way or cast(looked_at as date) >= {{ as_of() }} - 35 as is_fresh,
    is_under_way,
    task_minutes,
    cast(greatest(
        task_minutes + ceil((case when is_loss then worked_hours + planned_hours else completion_hours end - estimated_hours) * 60), 0
    ) as bigint) as wanted_minutes,
    hidden.plan_row_count as hidden_row_count
from judged
cross join {{ ref('revenue_hidden_rows') }} as hidden
