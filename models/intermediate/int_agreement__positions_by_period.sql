{{ config(materialized='table') }}

-- Movements of every balance of an agreement by month, in document currency: billed (invoice lines less credit lines, without
-- tax), recognised (posted lines of actual plans), and the four balance sheet positions from the general ledger, each in
-- its natural direction and before contract assets are set off. What belongs to no agreement is kept with an empty id.
with billed as (

    select
        agreement_id, customer_id, legal_entity_id, currency, 'primary' as book, period,
        'billed' as position, net_amount as amount
    from {{ ref('int_invoice_line__claims') }}
    where is_posted and claim_state = 'ok'

),

recognised as (

    select agreement_id, customer_id, legal_entity_id, currency, book, period, 'recognised' as position, revenue_amount as amount
    from {{ ref('int_revenue_line__claims') }}
    where status = 'posted' and claim_state = 'ok'

),

ledger as (

    select
        agreement_id,
        customer_id,
        legal_entity_id,
        currency,
        book,
        period,
        account_role as position,
        case when account_role in ('CL', 'RL') then -document_amount else document_amount end as amount
    from {{ ref('int_journal_line__claims') }}
    where account_role in ('UR', 'CA', 'CL', 'RL') and claim_state = 'ok'

),

movements as (

    select * from billed
    union all
    select * from recognised
    union all
    select * from ledger

)

select
    agreement_id,
    max(customer_id) as customer_id,
    legal_entity_id,
    currency,
    book,
    period,
    cast(sum(case when position = 'billed' then amount else 0 end) as decimal(18, 4)) as billed_amount,
    cast(sum(case when position = 'recognised' then amount else 0 end) as decimal(18, 4)) as recognised_amount,
    cast(sum(case when position = 'UR' then amount else 0 end) as decimal(18, 4)) as unbilled_receivable_amount,
    cast(sum(case when position = 'CA' then amount else 0 end) as decimal(18, 4)) as contract_asset_amount,
    cast(sum(case when position = 'CL' then amount else 0 end) as decimal(18, 4)) as contract_liability_amount,
    cast(sum(case when position = 'RL' then amount else 0 end) as decimal(18, 4)) as refund_liability_amount
from movements
group by agreement_id, legal_entity_id, currency, book, period
