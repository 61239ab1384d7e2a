-- The record by which the PSA first knew each project: of several the one created first.
select
    project_id,
    min(connection) as connection,
    min_by(source_id, concat(cast(created_at as string), source_id)) as source_id,
    min_by(row_id, concat(cast(created_at as string), source_id)) as row_id,
    min_by(object, concat(cast(created_at as string), source_id)) as object
from {{ ref('int_project__claims') }}
where role = 'PSA' and claim_state = 'ok' and project_id is not null
group by project_id
