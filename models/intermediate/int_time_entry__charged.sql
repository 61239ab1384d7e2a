{{ config(materialized='table') }}

-- What was charged for each time record of the ERP: all its charges together, adjustments included, and where they went.
-- Of several charges the first one is named, and the invoice of the last one that has one; a draft can still be changed.
-- Nearly every record has one charge, which is taken as it is; only the others are added up.
{% set charges -%}
    (
        select
            connection,
            time_ref,
            event_amount,
            currency,
            state,
            source_id,
            invoice_ref,
            invoice_line_ref,
            hourly_rate,
            project_ref,
            order_ref,
            order_line_ref
        from (
            {{ all_claims('billing_event') }}
        ) as claims
        where role = 'ERP' and claim_state = 'ok' and kind = 'time' and time_ref is not null
    )
{%- endset %}
with several as (

    select connection, time_ref
    from {{ charges }} as charge
    group by connection, time_ref
    having count(*) > 1

),

charged as (

    select
        charge.connection,
        charge.time_ref,
        charge.event_amount as charged_amount,
        charge.currency,
        cast(1 as bigint) as charges,
        charge.state = 'waived' as is_waived,
        charge.source_id as charge_ref,
        charge.invoice_ref,
        case when charge.invoice_ref is not null then charge.invoice_line_ref end as invoice_line_ref,
        charge.hourly_rate as charged_rate,
        charge.project_ref,
        charge.order_ref,
        charge.order_line_ref
    from {{ charges }} as charge
    left join several on several.connection = charge.connection and several.time_ref = charge.time_ref
    where several.time_ref is null

    union all

    select
        charge.connection,
        charge.time_ref,
        cast(sum(charge.event_amount) as decimal(18, 4)) as charged_amount,
        min(charge.currency) as currency,
        count(*) as charges,
        bool_or(charge.state = 'waived') as is_waived,
        min(charge.source_id) as charge_ref,
        max(charge.invoice_ref) as invoice_ref,
        max(case when charge.invoice_ref is not null then charge.invoice_line_ref end) as invoice_line_ref,
        max(charge.hourly_rate) as charged_rate,
        min(charge.project_ref) as project_ref,
        min(charge.order_ref) as order_ref,
        min(charge.order_line_ref) as order_line_ref
    from {{ charges }} as charge
    inner join several on several.connection = charge.connection and several.time_ref = charge.time_ref
    group by charge.connection, charge.time_ref

),

drafts as (

    select distinct connection, source_id
    from {{ ref('int_invoice__claims') }}
    where role = 'ERP' and claim_state = 'ok' and kind = 'invoice' and not is_posted

)

select
    charged.*,
    case when charged.invoice_ref is null then 'open' when drafts.source_id is not null then 'draft' else 'billed' end as billing_state
from charged
left join drafts on drafts.connection = charged.connection and drafts.source_id = charged.invoice_ref
