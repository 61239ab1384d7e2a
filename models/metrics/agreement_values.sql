{{ config(tags=['computed']) }}

-- What PSA and ERP each hold a signed agreement to be worth, with the record that says it: the price of its projects, a
-- repeated project once, and the lines of its sales orders. Counted in the month of signature.
select
    claim.row_id,
    claim.connection,
    claim.object,
    claim.source_id,
    claim.role,
    claim.agreement_id,
    claim.value_amount,
    claim.currency,
    {{ period_of('cast(agreement.signed_at as date)') }} as period
from {{ ref('int_agreement__claims') }} as claim
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = claim.agreement_id
where claim.role in ('PSA', 'ERP') and claim.claim_state = 'ok' and claim.value_amount is not null
