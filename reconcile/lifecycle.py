"""The life of a break: seen first and last, reopened, accepted, sent, verified - from this run, the last one published,
and what people decided.

A break keeps its id through every change of its values; a change makes a new version. What was there and is gone is
`verified` when an action of ours went out for it, else `cleared`; it stays in `recon.breaks` for the run in which it
went, and in `recon.break_history` for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from contracts.breaks import GONE, LIVE, among
from contracts.sql import literal
from reconcile.enrich import FX_RULE
from reconcile.schema import BREAK, TABLES, ddl, own_run

__all__ = ["DECISIONS", "Previous", "carried", "decisions", "gone", "living", "previous"]

#: What may be decided about a break, by relation: the columns a caller registers.
DECISIONS: Mapping[str, Mapping[str, str]] = {
    "acceptances": {"break_id": "varchar", "evidence_hash": "varchar", "accepted_until": "varchar"},
    "assignments": {"break_id": "varchar", "assignee": "varchar", "due_on": "varchar"},
    "actions": {"break_id": "varchar", "action_id": "varchar", "status": "varchar"},
}

_PHASES = (
    ("sent", ("emitted", "sending", "unknown", "applied")),
    ("approved", ("approved",)),
    ("proposed", ("proposed",)),
)
_OURS = ("emitted", "sending", "unknown", "applied", "verified")


@dataclass(frozen=True)
class Previous:
    """The last published run, the number of the one that follows it, and temporary tables with what it left: all runs,
    its breaks with their records, and the history of all runs.
    """

    run_id: str | None
    sequence: int
    runs: str = "_previous_runs"
    breaks: str = "_previous_breaks"
    history: str = "_previous_history"
    records: str = "_previous_records"


_TABLES = {
    "runs": Previous.runs,
    "breaks": Previous.breaks,
    "break_history": Previous.history,
    "break_records": Previous.records,
}


def previous(con: duckdb.DuckDBPyConnection, schema: str | None, run_id: str) -> Previous:
    """Copy what the last run left. `schema` may be that of an attached snapshot.

    A run that is repeated after it was published keeps its number and goes on from the run before it, whose breaks are
    in the history; but for what history leaves out, which is the same.
    """
    for name, target in _TABLES.items():
        columns = TABLES[name]
        there = {str(row[0]) for row in con.execute(f"describe {schema}.{name}").fetchall()} if schema else set()
        listed = ", ".join(f"{c if c in there else 'null'} as {c}" for c in columns)
        con.execute(f"create or replace temp table {target} ({ddl(columns)})")
        if there:
            con.execute(f"insert into {target} select {listed} from {schema}.{name}")
    found = con.execute(f"select run_id, previous_run_id, sequence from {own_run(Previous.runs)}").fetchone()
    last, before_it, number = found or (None, None, None)
    if last == run_id:
        con.execute(
            f"create or replace temp table {Previous.breaks} as select h.*, b.evidence, b.payload "
            f"from {Previous.history} as h left join {Previous.breaks} as b using (break_id) "
            f"where h.run_id = {literal(before_it)}"
        )
    con.execute(f"delete from {Previous.history} where run_id = {literal(run_id)}")
    return Previous(before_it, number) if last == run_id else Previous(last, (number or 0) + 1)


def decisions(con: duckdb.DuckDBPyConnection, given: Mapping[str, str]) -> None:
    """Bring the registered decisions into `_decided_*`; what is not given is empty."""
    for name, columns in DECISIONS.items():
        con.execute(f"create or replace temp table _decided_{name} ({ddl(columns)})")
        relation = given.get(name)
        if relation:
            con.execute(f"insert into _decided_{name} select {', '.join(columns)} from {relation}")


def living(breaks: str, before: Previous, as_of: str) -> str:
    """The select of this run's breaks with their life; `breaks` has the columns of `BREAK` known so far."""
    phases = " ".join(
        f"when list_has_any(a.statuses, [{', '.join(repr(s) for s in among)}]) then '{phase}'"
        for phase, among in _PHASES
    )
    accepted = (
        f"(k.break_id is not null and (k.accepted_until is null or k.accepted_until >= {as_of}) "
        "and (k.evidence_hash is null or k.evidence_hash = b.evidence_hash))"
    )
    known = {
        "version": "case when h.break_id is null then 1 when h.evidence_hash = b.evidence_hash then h.version "
        "else h.version + 1 end",
        "status": f"case when {accepted} then 'accepted' when b.status = 'timing' then 'timing' {phases} "
        "else 'open' end",
        "times_reopened": f"coalesce(h.times_reopened, 0) + case when {among('h.status', GONE)} then 1 else 0 end",
        "first_seen": f"coalesce(h.first_seen, {as_of})",
        "last_seen": as_of,
        "age_days": f"date_diff('day', coalesce(h.first_seen, {as_of}), {as_of})",
        "assignee": "case when s.break_id is null then b.assignee else s.assignee end",
        "due_on": "s.due_on",
        "accepted_until": f"case when {accepted} then k.accepted_until end",
    }
    columns = ", ".join(f"{known.get(name, f'b.{name}')} as {name}" for name in BREAK)
    latest = (
        "(select * from (select *, "
        "row_number() over (partition by break_id order by r.sequence desc nulls last, as_of desc, run_id desc) as "
        f"_latest from {before.history} left join (select run_id, sequence from {before.runs}) as r using (run_id)) "
        "where _latest = 1)"
    )
    return (
        f"select {columns} from {breaks} as b left join {latest} as h using (break_id) "
        f"left join ({_acceptances()}) as k using (break_id) left join ({_assignments()}) as s using (break_id) "
        "left join (select break_id, list(distinct status) as statuses from _decided_actions group by break_id) as a "
        "using (break_id)"
    )


def _acceptances() -> str:
    return (
        "select break_id, max(evidence_hash) as evidence_hash, max(try_cast(accepted_until as date)) as accepted_until "
        "from _decided_acceptances group by break_id"
    )


def _assignments() -> str:
    return (
        "select break_id, max(assignee) as assignee, max(try_cast(due_on as date)) as due_on from _decided_assignments "
        "group by break_id"
    )


def gone(breaks: str, before: Previous, run_id: str, as_of: str) -> str:
    """The select of breaks that were there in the last run and are not in `breaks`, which has what was carried too."""
    ours = ", ".join(repr(status) for status in _OURS)
    known = {
        "run_id": run_id,
        "as_of": as_of,
        "status": f"case when exists (select 1 from _decided_actions as a where a.break_id = p.break_id "
        f"and a.status in ({ours})) then 'verified' else 'cleared' end",
        "age_days": f"date_diff('day', p.first_seen, {as_of})",
    }
    columns = ", ".join(f"{known.get(name, f'p.{name}')} as {name}" for name in BREAK)
    return (
        f"select {columns} from {before.breaks} as p where {among('p.status', LIVE)} "
        f"and not exists (select 1 from {breaks} as b where b.break_id = p.break_id)"
    )


def carried(breaks: str, before: Previous, run_id: str, as_of: str, not_run: str) -> str:
    """The select of breaks of rules that did not run, unchanged but for the run they are shown in.

    A missing exchange rate is found by no rule: it is carried along with breaks that wait for it, unless this run found
    it again.
    """
    known = {"run_id": run_id, "as_of": as_of}
    columns = ", ".join(f"{known.get(name, f'p.{name}')} as {name}" for name in BREAK)
    waiting = (
        f"select currency from {before.breaks} where {among('status', LIVE)} and rule in ({not_run}) "
        "and impact is null and currency is not null"
    )
    return (
        f"select {columns} from {before.breaks} as p where {among('p.status', LIVE)} and (p.rule in ({not_run}) or "
        f"p.rule = '{FX_RULE}' and p.entity_id in (select w.currency || '/' || p.currency from ({waiting}) as w)) "
        f"and p.break_id not in (select break_id from {breaks})"
    )
