{{ config(materialized='table') }}

-- Approved time that had counted before the rate it is worth now was agreed: what each such agreement of rates makes it worth more,
-- by line, months and version, work until an early end by itself. Until the month in which the version counts (`agreed_in`) time keeps
-- the value of the rates known when its own month counted; the difference belongs to the month of the version. Work done before its line
-- was signed counts with the line.
with moments as (

    select *
    from (
        select
            agreement_id,
            known_from,
            known_version_no,
            lag(known_from) over (partition by agreement_id order by known_from) as previous_known_from
        from (select distinct agreement_id, known_from, known_version_no from {{ ref('int_rate__known') }}) as known
    ) as followed
    where known_from <> ''

),

signed as (

    select lines.agreement_line_key, min(versions.period) as period
    from {{ ref('int_agreement__version_lines') }} as lines
    inner join {{ ref('int_agreement__versions') }} as versions
        on versions.agreement_id = lines.agreement_id and versions.version_no = lines.version_no
    where versions.is_signed
    group by lines.agreement_line_key

),

priced as (

    select
        entries.agreement_id,
        entries.agreement_line_key,
        entries.value_currency as currency,
        {{ period_of('entries.work_on') }} as worked_in,
        entries.posting_period as counted_in,
        moments.known_from as agreed_in,
        moments.known_version_no as version_no,
        entries.work_on,
        case when entries.work_on <= ended.terminated_on then ended.terminated_on end as until_on,
        {{ time_value('entries.minutes', 'coalesce(later.hourly_rate, entries.hourly_rate)', 'entries.value_currency') }} as later_amount,
        {{ time_value('entries.minutes', 'coalesce(earlier.hourly_rate, entries.hourly_rate)', 'entries.value_currency') }} as earlier_amount
    from {{ ref('int_time_entry__valued') }} as entries
    inner join moments on moments.agreement_id = entries.agreement_id and moments.known_from > entries.posting_period
    inner join signed on signed.agreement_line_key = entries.agreement_line_key and moments.known_from > signed.period
    left join {{ ref('int_agreement__terminations') }} as ended on ended.agreement_id = entries.agreement_id
    left join {{ ref('int_rate__known') }} as later
        on later.agreement_id = entries.agreement_id and later.role_name = entries.role_name
        and later.known_from = moments.known_from
        and entries.work_on between later.effective_from_on and later.effective_to_on
    left join {{ ref('int_rate__known') }} as earlier
        on earlier.agreement_id = entries.agreement_id and earlier.role_name = entries.role_name
        and earlier.known_from = moments.previous_known_from
        and entries.work_on between earlier.effective_from_on and earlier.effective_to_on
    where
        entries.kind = 'actual' and entries.claim_state = 'ok' and entries.is_approved and entries.is_billable
        and entries.line_billing_type = 'tm'

)

select
    agreement_id,
    agreement_line_key,
    currency,
    worked_in,
    counted_in,
    agreed_in,
    version_no,
    until_on,
    min(work_on) as since_on,
    cast(sum(later_amount - earlier_amount) as decimal(18, 4)) as amount,
    count(*) as records
from priced
where later_amount <> earlier_amount
group by agreement_id, agreement_line_key, currency, worked_in, counted_in, agreed_in, version_no, until_on
