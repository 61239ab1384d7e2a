{{ config(materialized='table') }}

-- What is earned and unbilled on time and expenses, per agreement, by age on the day of observation.
with aged as (

    select
        charges.*,
        {{ as_of() }} - charges.billable_on as age_days
    from {{ ref('int_agreement__unbilled_charges') }} as charges

)

select
    connection,
    'ERP' as role,
    'primary' as book,
    agreement_id,
    max(agreement_number) as agreement_number,
    max(customer_id) as customer_id,
    currency,
    count(*) as charge_count,
    count(case when age_days > 90 and state = 'held' then 1 end) as held_count,
    min(billable_on) as oldest_on,
    max(age_days) as oldest_age_days,
    cast(sum(event_amount) as decimal(18, 4)) as unbilled_amount,
    cast(sum(case when age_days <= 30 then event_amount else 0 end) as decimal(18, 4)) as to_30_amount,
    cast(sum(case when age_days between 31 and 60 then event_amount else 0 end) as decimal(18, 4)) as to_60_amount,
    cast(sum(case when age_days between 61 and 90 then event_amount else 0 end) as decimal(18, 4)) as to_90_amount,
    cast(sum(case when age_days between 91 and 180 then event_amount else 0 end) as decimal(18, 4)) as to_180_amount,
    cast(sum(case when age_days > 180 then event_amount else 0 end) as decimal(18, 4)) as older_amount
from aged
where agreement_id is not null
group by connection, agreement_id, currency
