-- On any day one agreed rate holds for a role of an agreement.
select earlier.agreement_id, earlier.role_name, earlier.effective_from_on, later.effective_from_on as later_from_on
from {{ ref('int_rate__effective') }} as earlier
inner join {{ ref('int_rate__effective') }} as later
    on later.agreement_id = earlier.agreement_id
    and later.role_name = earlier.role_name
    and later.effective_from_on > earlier.effective_from_on
where later.effective_from_on <= earlier.effective_to_on
