{{ config(tags=['computed']) }}

-- Where an identity does not hold: the agreement, the month and by how much.
select
    agreement_id, book, legal_entity_id, currency, period, identity, of_what, statement, left_amount, right_amount, residual_amount
from {{ ref('identity_terms') }}
where residual_amount <> 0
