{{ config(materialized='table') }}

-- The enterprise id of each record: by the confirmed link that is valid now, else by the one it had when it went from its system
-- (`is_current` false), so that what still names it is understood. Who looks for the record of an id asks for current ones.
with ordered as (

    select
        links.*,
        row_number() over (
            partition by entity, connection, object, source_id
            order by case when valid_to is null then 0 else 1 end, valid_to desc, valid_from desc, enterprise_id
        ) as place
    from {{ source('crosswalk', 'links') }} as links

),

latest as (

    select entity, connection, source_id, enterprise_id, valid_to is null as is_current
    from ordered
    where place = 1 and status = 'confirmed'

)

select
    entity,
    connection,
    source_id,
    coalesce(min(case when is_current then enterprise_id end), min(enterprise_id)) as enterprise_id,
    bool_or(is_current) as is_current
from latest
group by entity, connection, source_id
