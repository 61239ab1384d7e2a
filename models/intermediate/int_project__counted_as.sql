-- The project that each project of an agreement counts as: itself, and for a copy the one it is a copy of.
select
    copies.project_id,
    min(kept.project_id) as counted_as_id
from {{ ref('int_project__survivors') }} as copies
inner join {{ ref('int_project__survivors') }} as kept
    on kept.is_survivor
    and kept.connection = copies.connection
    and kept.agreement_number = copies.agreement_number
    and coalesce(kept.workstream, '') = coalesce(copies.workstream, '')
    and coalesce(kept.legal_entity_code, '') = coalesce(copies.legal_entity_code, '')
where copies.project_id is not null and kept.project_id is not null
group by copies.project_id
