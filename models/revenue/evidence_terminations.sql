{{ config(materialized='view', schema='intermediate') }}

-- Agreements that were ended early, with the record that says so: on their last day, with the fee that is due. One whose day nobody
-- entered says what to do instead: no figure of it is known until then.
select
    ended.agreement_id,
    'terminated' as kind,
    coalesce(ended.terminated_on, periods.end_on) as happened_on,
    ended.period,
    cast(null as integer) as version_no,
    cast(null as string) as obligation_key,
    ended.currency,
    case when ended.terminated_on is not null then ended.termination_fee_amount end as amount,
    cast(null as decimal(18, 8)) as quantity,
    cast(null as string) as unit,
    {{ json_of([
        ('problem', "case when ended.terminated_on is null then 'termination_day_missing' end"),
        ('message', "case when ended.terminated_on is null then 'The agreement is marked as terminated and no day is known' end"),
        ('then', "case when ended.terminated_on is null then concat('Enter the last day of service in ', ended.connection, "
            ~ "' (termination_date among the fields of the connection, Termination_Date__c if not said); revenue, remaining "
            ~ "obligations and backlog are computed again from the next run on.') end"),
    ]) }} as attributes,
    ended.connection,
    ended.object,
    ended.source_id,
    ended.row_id,
    1 as records
from {{ ref('int_agreement__terminations') }} as ended
inner join {{ ref('int_calendar__periods') }} as periods on periods.period = ended.period
