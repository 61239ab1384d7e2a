-- Confirmed links of the crosswalk that are valid now: one enterprise id per record.
select
    entity,
    connection,
    source_id,
    min(enterprise_id) as enterprise_id
from {{ source('crosswalk', 'links') }}
where status = 'confirmed' and valid_to is null
group by entity, connection, source_id
