{{ config(materialized='table') }}

-- Where each agreement stands now, in document currency. Contract assets and contract liabilities of one agreement are set
-- off; unbilled receivables stay apart. The identity: billed + unbilled receivable - recognised
-- = contract liability - contract asset + refund liability.
with balances as (

    select
        agreement_id,
        max(customer_id) as customer_id,
        legal_entity_id,
        currency,
        book,
        sum(billed_amount) as billed_amount,
        sum(recognised_amount) as recognised_amount,
        sum(unbilled_receivable_amount) as unbilled_receivable_amount,
        sum(contract_asset_amount) as gross_contract_asset_amount,
        sum(contract_liability_amount) as gross_contract_liability_amount,
        sum(refund_liability_amount) as refund_liability_amount,
        max(period) as last_period
    from {{ ref('int_agreement__positions_by_period') }}
    group by agreement_id, legal_entity_id, currency, book

),

elements as (

    select agreement_id, currency, book, count(*) as obligations
    from {{ ref('int_obligation__claims') }}
    where claim_state = 'ok'
    group by agreement_id, currency, book

)

select
    balances.agreement_id,
    balances.customer_id,
    balances.legal_entity_id,
    balances.currency,
    balances.book,
    cast(balances.billed_amount as decimal(18, 4)) as billed_amount,
    cast(balances.recognised_amount as decimal(18, 4)) as recognised_amount,
    cast(balances.unbilled_receivable_amount as decimal(18, 4)) as unbilled_receivable_amount,
    cast(greatest(gross_contract_asset_amount - gross_contract_liability_amount, 0) as decimal(18, 4)) as contract_asset_amount,
    cast(greatest(gross_contract_liability_amount - gross_contract_asset_amount, 0) as decimal(18, 4)) as contract_liability_amount,
    cast(balances.refund_liability_amount as decimal(18, 4)) as refund_liability_amount,
    cast(
        balances.billed_amount + balances.unbilled_receivable_amount - balances.recognised_amount
        - (balances.gross_contract_liability_amount - balances.gross_contract_asset_amount + balances.refund_liability_amount)
        as decimal(18, 4)
    ) as difference_amount,
    coalesce(elements.obligations, 0) as obligations,
    balances.last_period
from balances
left join elements
    on elements.agreement_id = balances.agreement_id
    and elements.currency = balances.currency
    and elements.book = balances.book
