{{ config(materialized='table') }}

-- What customers that pay only against purchase orders have released money for, beside what was signed and what is billed or
-- ready to be billed: one row per signed agreement of such a customer. What stands on lines in another currency does not count.
with agreements as (

    select *
    from {{ ref('int_agreement__claims') }}
    where
        role = 'CRM' and claim_state = 'ok' and agreement_id is not null
        and state <> 'draft' and is_purchase_order_required

),

released as (

    select
        agreement_id,
        version_no,
        currency,
        max(purchase_order_number) as purchase_order_number,
        sum(funded_amount) as funded_amount
    from {{ ref('int_purchase_order__claims') }}
    where role = 'CRM' and claim_state = 'ok' and is_signed and agreement_id is not null
    group by agreement_id, version_no, currency

),

totals as (

    select
        agreement_id,
        currency,
        sum(funded_amount) as funded_amount,
        string_agg(purchase_order_number, ', ' order by version_no) as purchase_order_numbers
    from released
    group by agreement_id, currency

),

versions as (

    select
        versions.agreement_id,
        versions.version_no,
        versions.source_id as order_ref,
        versions.delta_amount,
        coalesce(versions.signed_on, cast(versions.activated_at as date)) as signed_on,
        released.purchase_order_number,
        released.funded_amount
    from {{ ref('int_agreement_version__claims') }} as versions
    left join released
        on released.agreement_id = versions.agreement_id and released.version_no = versions.version_no
        and released.currency = versions.currency
    where
        versions.role = 'CRM' and versions.claim_state = 'ok' and versions.is_signed
        and versions.delta_amount > coalesce(released.funded_amount, 0)

),

short as (

    select
        agreement_id,
        min(version_no) as short_version_no,
        min_by(order_ref, version_no) as short_order_ref,
        min_by(signed_on, version_no) as short_signed_on,
        min_by(purchase_order_number, version_no) as short_purchase_order_number,
        min_by(funded_amount, version_no) as short_funded_amount,
        min_by(delta_amount, version_no) as short_version_amount
    from versions
    group by agreement_id

),

used as (

    select
        agreement_id,
        currency,
        sum(case when part = 'billed' then amount else 0 end) as billed_amount,
        sum(case when part = 'ready' then amount else 0 end) as ready_amount
    from {{ ref('int_billing__limits') }}
    group by agreement_id, currency

)

select
    agreements.row_id,
    agreements.connection,
    agreements.role,
    agreements.object,
    agreements.source_id,
    agreements.agreement_id,
    agreements.agreement_number,
    agreements.customer_id,
    agreements.currency,
    coalesce(agreements.value_amount, 0) as signed_amount,
    coalesce(totals.funded_amount, 0) as funded_amount,
    totals.purchase_order_numbers,
    coalesce(used.billed_amount, 0) as billed_amount,
    coalesce(used.ready_amount, 0) as ready_amount,
    short.short_version_no,
    short.short_order_ref,
    short.short_signed_on,
    short.short_purchase_order_number,
    short.short_funded_amount,
    short.short_version_amount
from agreements
left join totals on totals.agreement_id = agreements.agreement_id and totals.currency = agreements.currency
left join short on short.agreement_id = agreements.agreement_id
left join used on used.agreement_id = agreements.agreement_id and used.currency = agreements.currency
