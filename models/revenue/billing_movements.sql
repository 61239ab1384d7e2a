{{ config(tags=['computed'], materialized='view', schema='intermediate') }}

-- Invoices, credit memos and cash of each obligation by month, as the evidence has them, with the method the obligation is
-- earned by. Credits that give up price are apart from those that correct a document.
select
    evidence.agreement_id,
    evidence.book,
    evidence.currency,
    evidence.period,
    evidence.obligation_key,
    obligations.method,
    cast(sum(case when evidence.kind = 'invoiced' then evidence.amount else 0 end) as decimal(18, 4)) as invoiced_amount,
    cast(sum(
        case when evidence.kind = 'invoiced' then coalesce(cast({{ json_value('evidence.attributes', '$.tax') }} as decimal(18, 4)), 0) else 0 end
    ) as decimal(18, 4)) as invoiced_tax_amount,
    cast(sum(case when evidence.kind = 'credited' then evidence.amount else 0 end) as decimal(18, 4)) as credited_amount,
    cast(sum(
        case when evidence.kind = 'credited' then coalesce(cast({{ json_value('evidence.attributes', '$.tax') }} as decimal(18, 4)), 0) else 0 end
    ) as decimal(18, 4)) as credited_tax_amount,
    cast(sum(
        case
            when evidence.kind = 'credited'
                and {{ json_value('evidence.attributes', '$.reason') }} in ('concession', 'hours_rejected', 'rejected', 'service_credit')
                then evidence.amount
            else 0
        end
    ) as decimal(18, 4)) as price_credit_amount,
    cast(sum(case when evidence.kind = 'received' then evidence.amount else 0 end) as decimal(18, 4)) as cash_amount
from {{ ref('evidence') }} as evidence
left join {{ source('revenue', 'obligations') }} as obligations
    on obligations.agreement_id = evidence.agreement_id
    and obligations.book = evidence.book
    and obligations.obligation_key = evidence.obligation_key
where evidence.kind in ('invoiced', 'credited', 'received')
group by
    evidence.agreement_id, evidence.book, evidence.currency, evidence.period, evidence.obligation_key, obligations.method
