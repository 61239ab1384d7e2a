{{ config(materialized='table') }}

-- What was charged for each time record of the ERP: all its charges together, adjustments included, and where they went.
-- Of several charges the first one is named, and the invoice of the last one that has one; a draft can still be changed.
with charged as (

    select
        claims.connection,
        claims.time_ref,
        min(claims.time_entry_key) as time_entry_key,
        cast(sum(claims.event_amount) as decimal(18, 4)) as charged_amount,
        min(claims.currency) as currency,
        count(*) as charges,
        bool_or(claims.state = 'waived') as is_waived,
        min(claims.source_id) as charge_ref,
        max(claims.invoice_ref) as invoice_ref,
        max(case when claims.invoice_ref is not null then claims.invoice_line_ref end) as invoice_line_ref,
        max(claims.hourly_rate) as charged_rate,
        min(claims.project_ref) as project_ref,
        min(claims.order_ref) as order_ref,
        min(claims.order_line_ref) as order_line_ref
    from (
        {{ all_claims('billing_event') }}
    ) as claims
    where claims.role = 'ERP' and claims.claim_state = 'ok' and claims.kind = 'time' and claims.time_ref is not null
    group by claims.connection, claims.time_ref

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
