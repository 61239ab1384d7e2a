{{ config(materialized='view', schema='intermediate') }}

-- Rates of exchange at month end for agreements in another currency than the books of their legal entity: the latest rate of the
-- ERP on or before the last day, from the month of the first signed version on.
with firsts as (

    select agreement_id, min(period) as first_period
    from {{ ref('evidence_terms') }}
    group by agreement_id

),

foreign_agreements as (

    select agreement.agreement_id, agreement.currency, entity.currency as functional_currency, firsts.first_period
    from {{ ref('agreement') }} as agreement
    inner join {{ ref('legal_entity') }} as entity on entity.legal_entity_id = agreement.legal_entity_id
    inner join firsts on firsts.agreement_id = agreement.agreement_id
    where agreement.currency <> entity.currency

)

select
    foreign_agreements.agreement_id,
    'rate' as kind,
    rates.effective_on as happened_on,
    rates.period,
    cast(null as integer) as version_no,
    cast(null as string) as obligation_key,
    foreign_agreements.currency,
    cast(null as decimal(18, 4)) as amount,
    cast(rates.exchange_rate as decimal(18, 8)) as quantity,
    cast(null as string) as unit,
    {{ json_of([('functional_currency', 'foreign_agreements.functional_currency')]) }} as attributes,
    rates.connection,
    rates.object,
    rates.source_id,
    rates.row_id,
    1 as records
from foreign_agreements
inner join {{ ref('int_exchange_rate__closing') }} as rates
    on rates.from_currency = foreign_agreements.currency and rates.to_currency = foreign_agreements.functional_currency
    and rates.period >= foreign_agreements.first_period
