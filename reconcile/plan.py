"""Proposes the corrections: from each break and its rule's knowledge of the cure to calls for the system at fault.

Set-based throughout: the corrections of all rules become one relation of candidates, which is bundled into calls,
keyed, rendered with the vendors' own templates and compared with what was proposed, approved and delivered before.
What no vendor call covers, or only a person may change, becomes a task with every field to change. A timing, accepted
or unreadable break gets no action; neither does the consequence of another break, unless its correction says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from contracts.actions import ACTIONS, ActionKind
from contracts.breaks import LIVE, STANDING, among
from contracts.native import TASK
from contracts.ownership import Ownership, load_ownership
from contracts.sql import literal
from reconcile.context import stored_columns
from reconcile.corrections import Target, find_candidates
from reconcile.policy import mark_human
from reconcile.request import request_sql
from reconcile.rule import Rule

__all__ = ["ACTIONS_DDL", "DELIVERIES_DDL", "Decisions", "Planned", "Target", "plan"]

#: At most this many records in one call; a larger correction becomes several calls of one group.
LINES_A_CALL = 1_000

ACTIONS_DDL = """
create table if not exists recon.actions (
  action_id varchar, version integer, run_id varchar, as_of date, batch_id varchar, group_id varchar,
  sequence integer, depends_on varchar[], kind varchar, idempotency_key varchar, target json, precondition json,
  changes json, request json, safety varchar, posting_period varchar, breaks varchar[], reason varchar,
  impact decimal(18,4), currency varchar, approval json, evidence_hash varchar, compensation json,
  correlation_id varchar, status varchar
)"""

DELIVERIES_DDL = """
create table if not exists recon.deliveries (
  action_id varchar, idempotency_key varchar, attempt integer, batch_id varchar, outcome varchar, record_id varchar,
  message varchar, response_hash varchar, "at" varchar
)"""


_OUTBOX = {
    "action_id": pl.String,
    "version": pl.Int64,
    "status": pl.String,
    "batch_id": pl.String,
    "evidence_hash": pl.String,
}
_APPROVALS = {
    "action_id": pl.String, "version": pl.Int64, "person": pl.String, "decision": pl.String,
    "evidence_hash": pl.String, "decided_at": pl.String, "is_void": pl.Boolean,
}  # fmt: skip
_DELIVERIES = {
    "action_id": pl.String, "idempotency_key": pl.String, "attempt": pl.Int64, "batch_id": pl.String,
    "outcome": pl.String, "record_id": pl.String, "message": pl.String, "response_hash": pl.String, "at": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Decisions:
    """What people and deliveries have decided so far, as frames of the state store's tables."""

    outbox: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_OUTBOX))
    approvals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_APPROVALS))
    deliveries: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_DELIVERIES))
    #: Who prepares what this run proposes: the person who planned it, `system` when it was scheduled. A scheduled run
    #: leaves the person who planned the same version before: they still may not approve it.
    prepared_by: str = "system"


@dataclass(frozen=True)
class Planned:
    """What a plan came to: actions by status, and the approvals it voided because their evidence changed."""

    actions: int
    by_status: Mapping[str, int]
    voided: tuple[tuple[str, int], ...]


def plan(
    con: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    as_of: dt.date,
    rules: Iterable[Rule],
    targets: Sequence[Target],
    decisions: Decisions | None = None,
    approval: Mapping[str, tuple[str | None, str | None]] | None = None,
    ownership: Ownership | None = None,
    previous: str | None = "recon.actions",
) -> Planned:
    """Fill ``recon.actions`` and ``recon.deliveries`` for this run, and mark the breaks they belong to.

    Reads ``recon.breaks`` and ``recon.break_sides`` of the run.
    `approval` holds a firm's departures from who approves a kind: kind -> (policy, role), None where it keeps ours;
    `ownership` says which fields only a person may change (ours when none is given).
    `previous` names the actions of the last published run. One transaction: the whole plan is there, or none of it.
    """
    decided = decisions or Decisions()
    con.execute("begin")
    try:
        con.execute(ACTIONS_DDL)
        con.execute(DELIVERIES_DDL)
        _register(con, decided, targets, approval or {})
        find_candidates(con, rules, targets)
        mark_human(con, ownership or load_ownership())
        _periods(con, as_of)
        _bundle(con)
        _render(con, targets)
        _settle(con, run_id, as_of, decided.prepared_by, previous)
        _mark_breaks(con)
        voided = con.execute("select action_id, version from _plan_voided order by all").fetchall()
        counts = con.execute("select status, count(*) from recon.actions group by all order by all").fetchall()
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    by_status: dict[str, int] = dict(counts)
    return Planned(sum(by_status.values()), by_status, tuple((action, version) for action, version in voided))


def _register(
    con: duckdb.DuckDBPyConnection,
    decided: Decisions,
    targets: Sequence[Target],
    approval: Mapping[str, tuple[str | None, str | None]],
) -> None:
    """Bring decisions, kinds of action and targets into the warehouse as temporary relations."""
    for name, frame, schema in (
        ("_plan_outbox", decided.outbox, _OUTBOX),
        ("_plan_approvals", decided.approvals, _APPROVALS),
        ("_plan_deliveries", decided.deliveries, _DELIVERIES),
    ):
        con.register("_given", frame.select(schema.keys()).to_arrow())
        con.execute(f"create or replace temp table {name} as select * from _given")
        con.unregister("_given")
    con.execute("delete from recon.deliveries")
    con.execute("insert into recon.deliveries by name select * from _plan_deliveries order by action_id, attempt")
    kinds = ", ".join(_kind_row(kind, approval.get(kind.value, (None, None))) for kind in ACTIONS)
    columns = "kind, policy, required_role, undone_by"
    con.execute(f"create or replace temp table _plan_kinds as select * from (values {kinds}) as k({columns})")
    rows = ", ".join(f"({literal(one.connection)}, {literal(one.system)})" for one in targets) or "(null, null)"
    con.execute(f"create or replace temp table _plan_targets as select * from (values {rows}) as t(connection, system)")


def _kind_row(kind: ActionKind, own: tuple[str | None, str | None]) -> str:
    """A kind with its approval policy and role, the firm's or else ours, and the kind that undoes it."""
    facts = ACTIONS[kind]
    policy, role = own[0] or facts.policy.value, own[1] or (facts.approver.value if facts.approver else None)
    undone_by = literal(facts.compensation.value) if facts.compensation else "null"
    return f"({literal(kind.value)}, {literal(policy)}, {literal(role) if role else 'null'}, {undone_by})"


def _periods(con: duckdb.DuckDBPyConnection, as_of: dt.date) -> None:
    """The accounting periods, each open or not, and the open period now: the earliest neither closed nor cut off.

    The cut-off of a period is the first business day after its end.
    """
    source = "marts.accounting_period" if stored_columns(con, "marts.accounting_period") else None
    rows = (
        "select period, min(start_on) as start_on, max(end_on) as end_on, bool_or(is_closed) as is_closed "
        f"from {source} group by 1"
        if source
        else "select null::varchar as period, null::date as start_on, null::date as end_on, true as is_closed "
        "where false"
    )
    con.execute(
        f"""
        create or replace temp table _plan_periods as
        select period, start_on, end_on, date '{as_of}' as posting_on,
          not is_closed
            and date '{as_of}' <= end_on + case isodow(end_on) when 5 then 3 when 6 then 2 else 1 end as is_open
        from ({rows})
        """
    )
    con.execute(
        f"""
        create or replace temp table _plan_open as
        select period, least(greatest(date '{as_of}', start_on), end_on) as posting_on
        from _plan_periods where is_open order by start_on limit 1
        """
    )


def _bundle(con: duckdb.DuckDBPyConnection) -> None:
    """Candidates of one cause and target become one call of at most a thousand lines; keys and groups follow."""
    con.execute(
        f"""
        create or replace temp table _plan_bundles as
        with numbered as (
          select *, (break_id, connection) in (select (break_id, connection) from _plan_human) as is_human,
            cast((row_number() over (partition by rule, correction, connection, bundle order by break_id) - 1)
            // {LINES_A_CALL} as integer) as chunk
          from _plan_candidates
        )
        select rule, correction, kind, entity, variant, compensation, connection, bundle, chunk,
          list(object order by break_id)[1] as object, list(record_id order by break_id)[1] as record_id,
          list(external_id order by break_id)[1] as external_id,
          case when count(line) = 0 then list(vals order by break_id)[1]
            else json_merge_patch(list(vals order by break_id)[1],
              json_object('lines', to_json(list(line order by break_id)))) end as vals,
          list(precondition order by break_id)[1] as precondition,
          to_json(flatten(list(cast(changes as json[]) order by break_id))) as changes,
          list(break_id order by break_id) as breaks, list(reason order by break_id)[1] as first_reason,
          sum(impact) as impact, list(currency order by break_id)[1] as currency,
          list(wanted order by break_id)[1] as wanted, list(queue order by break_id)[1] as queue,
          list(correlation_id order by break_id)[1] as correlation_id,
          substr(sha256(string_agg(evidence_hash, ',' order by break_id)), 1, 32) as evidence_hash,
          list(after order by break_id)[1] as after, bool_or(is_human) as is_human,
          list(policy order by break_id)[1] as own_policy, list(required_role order by break_id)[1] as own_role
        from numbered
        where connection is not null
        group by rule, correction, kind, entity, variant, compensation, connection, bundle, chunk
        """
    )
    con.execute(
        """
        create or replace temp table _plan_keyed as
        with wished as (
          select *, coalesce(try_cast(wanted as date), try_cast(wanted || '-01' as date)) as wanted_on
          from _plan_bundles
        ),
        dated as (
          select b.*, t.system,
            case when wanted_on is null then null when p.is_open then p.period else o.period end as posting_period,
            case when wanted_on is null then null
              when p.is_open and length(wanted) > 7 then wanted_on
              when p.is_open then least(greatest(p.posting_on, p.start_on), p.end_on)
              else o.posting_on end as posting_on
          from wished as b
          left join _plan_targets as t using (connection)
          left join _plan_periods as p on b.wanted_on between p.start_on and p.end_on
          left join _plan_open as o on true
        )
        select *,
          'ACT-' || upper(substr(sha256(concat_ws('|', rule, bundle, chunk, correction, kind, connection)), 1, 16))
            as action_id,
          'GRP-' || upper(substr(sha256(concat_ws('|', rule, bundle, chunk)), 1, 16)) as group_id,
          substr(sha256(concat_ws('|', connection, coalesce(object, entity), coalesce(record_id, external_id, ''), kind,
            changes, precondition)), 1, 32) as idempotency_key,
          case when posting_period <> strftime(wanted_on, '%Y-%m') then 'originally ' || wanted end as memo
        from dated
        """
    )


def _render(con: duckdb.DuckDBPyConnection, targets: Sequence[Target]) -> None:
    """The native request of every call, and the request that would undo it."""
    con.execute(
        """
        create or replace temp table _plan_values as
        select *, json_merge_patch(coalesce(vals, json('{}')), json_object(
          'record_id', record_id, 'external_id', external_id, 'idempotency_key', idempotency_key,
          'posting_on', strftime(posting_on, '%Y-%m-%d'), 'posting_period', posting_period, 'memo', memo)) as filled
        from (select * replace (coalesce(vals, json('{}')) as vals) from _plan_keyed)
        """
    )
    writes = sorted({(one.system, write.key): write for one in targets for write in one.writes}.items())
    con.execute(
        """
        create or replace temp table _plan_calls (
          system varchar, kind varchar, entity varchar, variant varchar, action_id varchar, request json,
          object varchar, safety varchar
        )"""
    )
    used = set(con.execute("select distinct system, kind, entity, variant from _plan_values").fetchall())
    undone = set(
        con.execute(
            "select distinct system, entity, compensation from _plan_values where compensation <> ''"
        ).fetchall()
    )
    for (system, (kind, entity, variant)), write in writes:
        where = []
        if (system, kind, entity, variant) in used:
            where.append(f"kind = {literal(kind)} and variant = {literal(variant)}")
        if (system, entity, variant) in undone:
            where.append(f"compensation = {literal(variant)}")
        if where and write.method != TASK:
            con.execute(
                f"""
                insert into _plan_calls
                select {literal(system)}, {literal(kind)}, {literal(entity)}, {literal(variant)}, action_id,
                  {request_sql(write, "filled")}, {literal(write.object)}, {literal(write.safety)}
                from _plan_values
                where system = {literal(system)} and entity = {literal(entity)} and not is_human
                  and ({" or ".join(where)})
                """
            )


def _task(changes: str) -> str:
    """A request to a person: each field to change, of which record."""
    return f"""json_object('method', {literal(TASK)}, 'queue', queue, 'changes', (
      select coalesce(json_group_array(json_merge_patch(json_object('object', target_object),
        json_object('id', coalesce(record_id, external_id)), one)), json('[]'))
      from (select unnest(cast({changes} as json[])) as one)))"""


_SETTLED = f"""
create or replace temp table _plan_new as
with edges as (
  select distinct c.rule, c.correction, c.break_id, k.action_id, c.after, c.waits_for
  from _plan_candidates as c
  join (select *, unnest(breaks) as one_break from _plan_keyed) as k
    on k.rule = c.rule and k.correction = c.correction and k.connection = c.connection and k.one_break = c.break_id
),
waits as (
  select this.action_id, earlier.action_id as needs
  from edges as this join edges as earlier
    on earlier.break_id = this.break_id and list_contains(this.after, earlier.correction)
  union
  select this.action_id, earlier.action_id
  from edges as this join edges as earlier
    on earlier.break_id = this.waits_for and earlier.action_id <> this.action_id
),
depends as (select action_id, list(needs order by needs) as depends_on from waits group by 1),
called as (
  select v.*, c.request as call, coalesce(nullif(c.object, ''), v.object, v.entity) as target_object,
    coalesce(c.safety, 'never_retry') as safety, u.request as undo, u.kind as undo_kind, (
      select coalesce(json_group_array(json_merge_patch(one,
        json_object('from', one -> '$.to', 'to', one -> '$.from'))), json('[]'))
      from (select unnest(cast(v.changes as json[])) as one)) as changes_back
  from _plan_values as v
  left join _plan_calls as c on c.action_id = v.action_id and c.kind = v.kind and c.variant = v.variant
  left join _plan_calls as u on u.action_id = v.action_id and v.compensation <> '' and u.variant = v.compensation
    and (u.kind, u.variant) is distinct from (v.kind, v.variant)
),
tasked as (
  select *, {_task("changes")} as task, {_task("changes_back")} as task_back from called
)
select c.action_id, c.group_id, c.correction + 1 as sequence,
  coalesce(d.depends_on, cast([] as varchar[])) as depends_on, c.kind,
  c.idempotency_key,
  json_merge_patch(json_object('connection', c.connection, 'system', c.system, 'object', c.target_object),
    json_object('record_id', c.record_id, 'external_id', c.external_id)) as target,
  c.precondition, c.changes, coalesce(c.call, c.task) as request, c.safety, c.posting_period, c.breaks,
  c.first_reason || case when len(c.breaks) > 1 then ' (' || len(c.breaks) || ' records)' else '' end as reason,
  c.impact, c.currency, c.evidence_hash, c.correlation_id,
  coalesce(c.own_policy, k.policy) as policy, coalesce(c.own_role, k.required_role) as required_role,
  case when c.undo is not null or k.undone_by is not null then
    json_object('kind', coalesce(k.undone_by, c.undo_kind), 'request', coalesce(c.undo, c.task_back),
      'changes', c.changes_back)
  end as compensation
from tasked as c
join _plan_kinds as k using (kind)
left join depends as d using (action_id)
"""


def _settle(
    con: duckdb.DuckDBPyConnection, run_id: str, as_of: dt.date, prepared_by: str, previous: str | None
) -> None:
    """Compare with the actions known so far: versions, statuses, approvals; then replace ``recon.actions``."""
    con.execute(_SETTLED)
    source = f"select * from {previous}" if previous else "select * from recon.actions where false"
    con.execute(f"create or replace temp table _plan_before as {source}")
    con.execute(_OUTCOMES)
    con.execute(_VERSIONED)
    con.execute(
        """
        create or replace temp table _plan_voided as
        select distinct a.action_id, a.version from _plan_approvals as a
        join _plan_versioned as v using (action_id)
        where not a.is_void and (a.version <> v.version or a.evidence_hash <> v.evidence_hash)
        """
    )
    con.execute("delete from recon.actions")
    con.execute(_INSERT_STANDING.format(run_id=literal(run_id), as_of=as_of, prepared_by=literal(prepared_by)))
    con.execute(_INSERT_GONE)


#: The last word on each delivered call.
_OUTCOMES = """
create or replace temp table _plan_outcomes as
select action_id, idempotency_key, case outcome when 'already_applied' then 'applied' else outcome end as status
from _plan_deliveries
qualify row_number() over (partition by action_id, idempotency_key order by attempt desc) = 1
"""

_VERSIONED = """
create or replace temp table _plan_versioned as
select n.*, case
    when b.action_id is null then 1
    when b.idempotency_key = n.idempotency_key and b.evidence_hash = n.evidence_hash
      and cast(b.request as varchar) = cast(n.request as varchar) then b.version
    else b.version + 1 end as version
from _plan_new as n left join _plan_before as b using (action_id)
"""

_INSERT_STANDING = """
insert into recon.actions by name
with people as (
  select action_id, version, evidence_hash, list(person order by decided_at, person) as persons,
    max(decided_at) as decided_at
  from _plan_approvals where not is_void and decision = 'approve' group by all
),
stated as (
  select v.*, o.batch_id, p.persons, p.decided_at, b.approval ->> '$.prepared_by' as prepared_before, case
      when d.status is not null and o.batch_id is not null then d.status
      when o.status is not null then o.status
      when v.policy in ('automatic', 'none') then 'approved'
      else 'proposed' end as status
  from _plan_versioned as v
  left join _plan_before as b on b.action_id = v.action_id and b.version = v.version
  left join _plan_outbox as o
    on o.action_id = v.action_id and o.version = v.version and o.evidence_hash = v.evidence_hash
  left join _plan_outcomes as d on d.action_id = v.action_id and d.idempotency_key = v.idempotency_key
  left join people as p on p.action_id = v.action_id and p.version = v.version and p.evidence_hash = v.evidence_hash
)
select * exclude (policy, required_role, persons, decided_at, prepared_before),
  {run_id} as run_id, date '{as_of}' as as_of,
  json_object('policy', policy, 'required_role', required_role, 'status', case
      when policy in ('automatic', 'none') and persons is null then policy
      when status = 'proposed' then 'pending' when status = 'rejected' then 'rejected' else 'approved' end,
    'by', persons, 'at', decided_at,
    'prepared_by', coalesce(case when {prepared_by} = 'system' then prepared_before end, {prepared_by})) as approval
from stated
order by action_id
"""

#: Actions of before that this run no longer proposes: verified when delivered and their breaks are gone.
_INSERT_GONE = f"""
insert into recon.actions by name
with standing as (
  select distinct x.action_id from (select action_id, unnest(breaks) as break_id from _plan_before) as x
  join recon.breaks as r using (break_id) where {among("r.status", LIVE)}
),
people as (
  select action_id, version, list(person order by decided_at, person) as persons, max(decided_at) as decided_at
  from _plan_approvals where not is_void and decision = 'approve' group by all
),
gone as (
  select b.* replace (case when p.persons is null then b.approval else json_merge_patch(b.approval,
      json_object('status', 'approved', 'by', p.persons, 'at', p.decided_at)) end as approval),
    coalesce(d.status, o.status, b.status) as last, coalesce(o.batch_id, b.batch_id) as last_batch,
    s.action_id is not null as is_standing
  from _plan_before as b
  left join standing as s on s.action_id = b.action_id
  anti join _plan_versioned as v on v.action_id = b.action_id
  left join _plan_outbox as o on o.action_id = b.action_id and o.version = b.version
  left join _plan_outcomes as d on d.action_id = b.action_id and d.idempotency_key = b.idempotency_key
  left join people as p on p.action_id = b.action_id and p.version = b.version
)
select * exclude (last, last_batch, is_standing) replace (last_batch as batch_id, case
    when last in ('verified', 'superseded', 'compensated', 'dead') then last
    when last in ('applied', 'unknown', 'emitted', 'sending') and not is_standing then 'verified'
    when last in ('applied', 'refused', 'failed') then last
    else 'superseded' end as status)
from gone
order by action_id
"""


def _mark_breaks(con: duckdb.DuckDBPyConnection) -> None:
    """A break carries how far its correction is; one that went away after a delivery of ours is verified."""
    con.execute(
        f"""
        create or replace temp table _plan_marks as
        with acted as (
          select unnest(breaks) as break_id, status from recon.actions
        ),
        furthest as (
          select break_id, bool_or(status in ('emitted', 'sending', 'unknown', 'applied')) as is_sent,
            bool_or(status = 'approved') as is_approved, bool_or(status = 'proposed') as is_proposed,
            bool_or(status in ('applied', 'verified')) as is_delivered
          from acted group by 1
        )
        select b.break_id, case
            when b.status = 'cleared' and f.is_delivered then 'verified'
            when not {among("b.status", STANDING)} then b.status
            when f.is_sent then 'sent' when f.is_approved then 'approved' when f.is_proposed then 'proposed'
            else 'open' end as status
        from recon.breaks as b left join furthest as f using (break_id)
        """
    )
    con.execute(
        """
        update recon.breaks as b set status = m.status from _plan_marks as m
        where m.break_id = b.break_id and m.status <> b.status
        """
    )
    if stored_columns(con, "recon.break_history"):
        con.execute(
            """
            update recon.break_history as h set status = m.status from _plan_marks as m
            where m.break_id = h.break_id and m.status <> h.status and h.run_id in (select run_id from recon.breaks)
            """
        )
