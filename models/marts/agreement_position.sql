-- Each agreement as every role sees it, side by side, in document currency: sold, planned, delivered, billed, recognised,
-- paid, and its balance sheet positions with the identity that ties them together.
with agreements as (

    select * from {{ ref('agreement') }}

),

values_by_role as (

    select
        agreement_id,
        sum(case when role = 'CRM' then value_amount end) as sold_amount,
        sum(case when role = 'PSA' then value_amount end) as planned_amount,
        sum(case when role = 'ERP' then value_amount end) as ordered_amount,
        sum(case when role = 'REVREC' then value_amount end) as allocated_amount,
        max(case when role = 'CRM' then version_no end) as signed_version_no
    from {{ ref('int_agreement__claims') }}
    where claim_state = 'ok'
    group by agreement_id

),

delivered as (

    select
        agreement_id,
        cast(sum(value_amount) as decimal(18, 4)) as delivered_amount,
        sum(minutes) as delivered_minutes
    from {{ ref('int_time_entry__valued') }}
    where is_approved and claim_state = 'ok' and agreement_id is not null
    group by agreement_id

),

positions as (

    select
        agreement_id,
        book,
        sum(billed_amount) as billed_amount,
        sum(recognised_amount) as recognised_amount,
        sum(unbilled_receivable_amount) as unbilled_receivable_amount,
        sum(contract_asset_amount) as contract_asset_amount,
        sum(contract_liability_amount) as contract_liability_amount,
        sum(refund_liability_amount) as refund_liability_amount,
        sum(difference_amount) as difference_amount,
        max(obligations) as obligations
    from {{ ref('int_agreement__positions') }}
    where agreement_id is not null
    group by agreement_id, book

),

invoices as (

    select
        agreement_id,
        sum(case when kind = 'invoice' then paid_amount end) as cash_amount,
        sum(case when kind = 'invoice' then unpaid_amount end) as open_receivable_amount
    from {{ ref('int_invoice__claims') }}
    where role = '{{ (ranked_roles('invoice') + ['none'])[0] }}' and is_posted and claim_state = 'ok'
    group by agreement_id

)

select
    agreements.agreement_id,
    agreements.agreement_number,
    agreements.agreement_name,
    agreements.customer_id,
    customer.customer_name,
    agreements.legal_entity_id,
    agreements.legal_entity_code,
    agreements.state,
    agreements.billing_type,
    agreements.start_on,
    agreements.end_on,
    agreements.currency,
    coalesce(positions.book, 'primary') as book,
    cast(coalesce(values_by_role.sold_amount, 0) as decimal(18, 4)) as sold_amount,
    cast(values_by_role.planned_amount as decimal(18, 4)) as planned_amount,
    cast(values_by_role.ordered_amount as decimal(18, 4)) as ordered_amount,
    cast(values_by_role.allocated_amount as decimal(18, 4)) as allocated_amount,
    agreements.cap_amount,
    values_by_role.signed_version_no,
    coalesce(delivered.delivered_amount, 0) as delivered_amount,
    coalesce(delivered.delivered_minutes, 0) as delivered_minutes,
    cast(coalesce(positions.billed_amount, 0) as decimal(18, 4)) as billed_amount,
    cast(coalesce(positions.recognised_amount, 0) as decimal(18, 4)) as recognised_amount,
    cast(coalesce(invoices.cash_amount, 0) as decimal(18, 4)) as cash_amount,
    cast(coalesce(invoices.open_receivable_amount, 0) as decimal(18, 4)) as open_receivable_amount,
    cast(coalesce(positions.unbilled_receivable_amount, 0) as decimal(18, 4)) as unbilled_receivable_amount,
    cast(coalesce(positions.contract_asset_amount, 0) as decimal(18, 4)) as contract_asset_amount,
    cast(coalesce(positions.contract_liability_amount, 0) as decimal(18, 4)) as contract_liability_amount,
    cast(coalesce(positions.refund_liability_amount, 0) as decimal(18, 4)) as refund_liability_amount,
    cast(coalesce(positions.difference_amount, 0) as decimal(18, 4)) as identity_difference_amount,
    coalesce(positions.obligations, 0) as obligations,
    cast(coalesce(values_by_role.sold_amount, 0) - coalesce(positions.recognised_amount, 0) as decimal(18, 4)) as backlog_amount
from agreements
left join {{ ref('customer') }} as customer on customer.customer_id = agreements.customer_id
left join values_by_role on values_by_role.agreement_id = agreements.agreement_id
left join delivered on delivered.agreement_id = agreements.agreement_id
left join positions on positions.agreement_id = agreements.agreement_id
left join invoices on invoices.agreement_id = agreements.agreement_id
