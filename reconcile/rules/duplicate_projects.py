"""K07: no workstream of an agreement has two projects.

The active projects of the PSA among themselves: the same agreement number, workstream and legal entity is one project.
The one a project of the ERP points at stays, else the older. Every other one counts the budget a second time, and time
booked on it never reaches the ledger. Archived projects, estimates, other workstreams and the mirror project of another
legal entity are no copies.

Usually a create call timed out and was sent again. The copy's open time moves to the project that stays, task by task,
then the copy is archived; time that is approved or billed already needs a person.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import BreakType, MoneyKind, Queue, Rule, Severity, Shape, Side

__all__ = ["RULE"]

_PROJECTS = """
select
    project.*,
    coalesce(project.workstream, '-') as stream,
    coalesce(project.legal_entity_code, '-') as entity_code,
    case when job.psa_project_ref is null then 1 else 0 end as is_unknown_to_erp
from intermediate.int_project__claims as project
left join (
    select distinct psa_project_ref
    from intermediate.int_project__claims
    where role = 'ERP' and claim_state = 'ok' and psa_project_ref is not null
) as job on job.psa_project_ref = project.source_id
where project.role = 'PSA' and project.state = 'active' and project.agreement_number is not null
"""


def _moves(_: Any, breaks: str) -> str:
    """Per open entry on the copy a move to the like task of the project that stays; then the copy is archived."""
    own = "b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.right_connection as connection, 'MERGE' as kind"
    tail = "cast(coalesce(abs(b.variance), 0) as decimal(18,4))"
    entry_vals = (
        "json_object('workspace_id', b.kept, 'story_id', kept_task.source_id, 'before_workspace_id', b.copy, "
        "'before_story_id', e.task_ref)"
    )
    entry_changes = (
        "json_array(json_object('field', 'workspace_id', 'from', b.copy, 'to', b.kept), "
        "json_object('field', 'story_id', 'from', e.task_ref, 'to', kept_task.source_id))"
    )
    return f"""
    with tasks as (
      select connection, source_id, project_ref, task_name, coalesce(agreement_line_key, '') as line_key, kind,
        row_number() over (
          partition by connection, project_ref, coalesce(agreement_line_key, ''), task_name
          order by length(source_id), source_id
        ) as place
      from intermediate.int_task__claims where claim_state = 'ok'
    )
    select {own}, 'time_entry' as entity, '' as variant, '' as compensation, 'time_entries' as object,
      e.source_id as record_id, cast(null as varchar) as external_id, {entry_vals} as vals,
      json_array(json_object('field', 'workspace_id', 'op', 'eq', 'value', b.copy),
        json_object('field', 'approved', 'op', 'eq', 'value', 'false')) as precondition,
      {entry_changes} as changes,
      concat('entry ', e.source_id, ' moves from the copy ', b.copy, ' to project ', b.kept) as reason,
      cast(0 as decimal(18,4)) as impact, b.currency, cast(null as varchar) as wanted,
      concat(b.break_id, '/', e.source_id) as bundle, cast(null as json) as line, b.owner as queue, 0 as correction,
      cast([] as integer[]) as after, cast(null as varchar) as waits_for
    from {breaks} as b
    join intermediate.int_time_entry__claims as e
      on e.role = 'PSA' and e.claim_state = 'ok' and e.kind = 'actual' and e.connection = b.right_connection
      and e.project_ref = b.copy and e.state <> 'approved' and not coalesce(e.is_invoiced, false)
    left join tasks as copy_task on copy_task.connection = e.connection and copy_task.source_id = e.task_ref
    left join tasks as kept_task
      on kept_task.connection = e.connection and kept_task.project_ref = b.kept
      and kept_task.task_name = copy_task.task_name and kept_task.line_key = copy_task.line_key
      and kept_task.place = copy_task.place
    where coalesce(b.root_id, b.break_id) = b.break_id
    union all
    select {own}, 'project', '', '', 'workspaces', b.copy, null, json_object('archived', true),
      json_array(json_object('field', 'archived', 'op', 'eq', 'value', 'false')),
      json_array(json_object('field', 'archived', 'from', 'false', 'to', 'true')),
      concat('project ', b.copy, ' repeats ', b.kept, ' and is archived'),
      {tail}, b.currency, null, b.break_id, null, b.owner, 1, cast([0] as integer[]), null
    from {breaks} as b
    where coalesce(b.root_id, b.break_id) = b.break_id
    """


RULE = Rule(
    check="K07",
    name="duplicate_projects",
    entity="project",
    shape=Shape.DUPLICATE,
    sides=(Side("PSA", _PROJECTS, amount="coalesce(budget_amount, 0)"),),
    on=("agreement_number", "stream", "entity_code"),
    keep="is_unknown_to_erp, created_at, length(source_id), source_id",
    break_type=BreakType.DUPLICATE,
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S1,
    owner=Queue.SERVICE_DELIVERY,
    cause="'created twice'",
    payload={
        "kept": "reference.source_id",
        "copy": "other.source_id",
        "name": "other.project_name",
        "sow": "other.agreement_number",
        "workstream": "other.stream",
    },
    requires=(("PSA", "project"), ("ERP", "project")),
    title="{name}: project {copy} repeats {kept}, its budget of {money} counts twice",
    plan=_moves,
)
