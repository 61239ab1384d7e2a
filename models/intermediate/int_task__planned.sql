-- Tasks that say what a line still takes. A project that was created twice repeats its tasks: those of the copy count nowhere.
select
    tasks.row_id,
    tasks.connection,
    tasks.object,
    tasks.source_id,
    tasks.agreement_line_key,
    tasks.planned_minutes,
    tasks.start_on,
    tasks.due_on,
    tasks.updated_at
from {{ ref('int_task__claims') }} as tasks
left join {{ ref('int_project__survivors') }} as copies
    on not copies.is_survivor and copies.connection = tasks.connection and copies.source_id = tasks.project_ref
where
    tasks.role = 'PSA' and tasks.claim_state = 'ok' and tasks.kind = 'task' and tasks.agreement_line_key is not null
    and copies.source_id is null
