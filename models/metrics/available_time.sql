{{ config(tags=['computed']) }}

-- Hours that each of the firm's own people was there for in a month, in the legal entity that employed them: what the workweek
-- gives, and what holidays and time off take of it. Only of connections whose exports say all of it, and only months for
-- which the workweek of everybody is known on every day: who knows half of the capacity knows no utilisation.
with stated as (

    select connection
    from {{ ref('metric_streams') }}
    where metric = 'utilisation_billable'
    group by connection
    having min(case when is_read then 1 else 0 end) = 1

),

months as (

    select
        days.row_id,
        days.connection,
        days.legal_entity_id,
        days.period,
        cast(sum(days.scheduled_hours) as decimal(18, 8)) as scheduled_hours,
        cast(sum(days.holiday_hours) as decimal(18, 8)) as holiday_hours,
        cast(sum(days.time_off_hours) as decimal(18, 8)) as time_off_hours,
        count(*) - count(days.scheduled_hours) as unknown_days
    from {{ ref('int_person__available_days') }} as days
    inner join stated on stated.connection = days.connection
    group by days.row_id, days.connection, days.legal_entity_id, days.period

),

judged as (

    select months.*, sum(unknown_days) over (partition by connection, period) as unknown_days_of_all
    from months

)

select
    judged.row_id,
    judged.connection,
    person.object,
    person.source_id,
    person.person_id,
    judged.legal_entity_id,
    judged.period,
    judged.scheduled_hours,
    judged.holiday_hours,
    judged.time_off_hours,
    cast(judged.scheduled_hours - judged.holiday_hours - judged.time_off_hours as decimal(18, 8)) as available_hours
from judged
inner join {{ ref('int_person__claims') }} as person
    on person.row_id = judged.row_id and person.connection = judged.connection and person.role = 'PSA'
where judged.unknown_days_of_all = 0
