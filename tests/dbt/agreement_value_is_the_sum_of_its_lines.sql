-- The value of an agreement in the CRM is what its lines add up to.
select agreement.connection, agreement.source_id, agreement.value_amount, sum(line.value_amount) as lines_amount
from {{ ref('int_agreement__claims') }} as agreement
left join {{ ref('int_agreement_line__claims') }} as line
    on line.connection = agreement.connection and line.agreement_ref = agreement.source_id
where agreement.role = 'CRM' and agreement.claim_state = 'ok'
group by agreement.connection, agreement.source_id, agreement.value_amount
having coalesce(agreement.value_amount, 0) <> coalesce(sum(line.value_amount), 0)
