{{ config(materialized='table') }}

-- Approved time of the ERP that stands there more than once: every line of it, each worth its own hours at the rate of its
-- entry, else what was charged for it. A line whose hours are those of the entry to a hundredth is worth what the entry is.
-- `line_key` is what two lines of the same work have in common: the PSA's entry, that of their twin, else their likeness.
-- `limit_key` is the limit of an agreement line that what was charged for it counts against, where it counts against any.
-- Only what stands there twice by its key, or has no key of its own, can be repeated: everything else is not counted.
with suspects as (

    select time_entry_key as line_key from {{ ref('int_time_entry__repeated') }}
    union
    select coalesce(twin_key, likeness) from {{ ref('int_time_entry__posted') }} where time_entry_key is null

),

repeated as (

    select coalesce(posted.time_entry_key, posted.twin_key, posted.likeness) as line_key
    from {{ ref('int_time_entry__posted') }} as posted
    inner join suspects on suspects.line_key = coalesce(posted.time_entry_key, posted.twin_key, posted.likeness)
    where posted.kind = 'actual' and posted.state = 'approved' and posted.claim_state = 'ok'
    group by 1
    having count(*) > 1

),

valued as (

    select
        entries.time_entry_key,
        entries.hours,
        entries.is_billable,
        case when entries.is_at_contract_rate then entries.contract_rate else entries.hourly_rate end as hourly_rate,
        entries.value_amount,
        entries.value_currency
    from {{ ref('int_time_entry__valued') }} as entries
    inner join repeated on repeated.line_key = entries.time_entry_key
    where entries.kind = 'actual'

)

select
    posted.row_id,
    posted.connection,
    'ERP' as role,
    posted.object,
    posted.source_id,
    posted.claim_state,
    posted.time_entry_key,
    repeated.line_key,
    posted.twin_key,
    posted.kind,
    posted.work_on,
    posted.hours,
    posted.is_billable,
    posted.state,
    posted.created_at,
    posted.project_id,
    posted.agreement_id,
    posted.customer_id,
    posted.person_id,
    posted.legal_entity_id,
    posted.charged_amount,
    posted.charge_currency,
    posted.charge_ref,
    posted.invoice_ref,
    posted.invoice_line_ref,
    posted.billing_state,
    counted.limit_key,
    coalesce(
        case
            when abs(posted.hours - valued.hours) <= 0.01 or not valued.is_billable then valued.value_amount
            else {{ time_value('cast(round(posted.hours * 60, 0) as bigint)', 'valued.hourly_rate', 'valued.value_currency') }}
        end,
        posted.charged_amount,
        0
    ) as line_amount,
    coalesce(valued.value_currency, posted.charge_currency) as line_currency
from {{ ref('int_time_entry__posted') }} as posted
inner join repeated on repeated.line_key = coalesce(posted.time_entry_key, posted.twin_key, posted.likeness)
left join valued on valued.time_entry_key = repeated.line_key
left join {{ ref('int_billing__limits') }} as counted
    on counted.connection = posted.connection
    and counted.part = case when posted.invoice_line_ref is null then 'ready' else 'billed' end
    and counted.source_id = coalesce(posted.invoice_line_ref, posted.charge_ref)
where posted.kind = 'actual' and posted.state = 'approved'
