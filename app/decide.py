"""Decisions taken in the dashboard: who decides, on which versions, and what came of it in words."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import polars as pl
import streamlit as st
from sqlalchemy import Connection, Table, select

from app.data import Row, Snapshot
from app.format import day, plural
from app.pipeline import batches
from app.project import Project
from app.publish import current
from contracts.errors import TieoutError
from contracts.state import State, decisions, frame, open_state, schema
from reconcile.approvals import Approver, approve, reject
from reconcile.outbox import emit as write_batch
from reconcile.revenue.overrides import ROLES, WhatIf, decide_treatment, overrides
from reconcile.revenue.overrides import what_if as treatment_what_if

if TYPE_CHECKING:
    from app.parts import View

__all__ = [
    "NEXT_RUN",
    "NOBODY",
    "EarlierRun",
    "Said",
    "accept",
    "approver",
    "assign",
    "comment",
    "decide",
    "emit",
    "now",
    "persons",
    "taken",
    "treat",
    "treaters",
    "treatments",
    "user",
    "what_if",
    "with_decisions",
]

#: What a page tells after a decision: how it went, in a sentence.
Said = list[tuple[Literal["good", "wait", "bad"], str]]
#: Why a button to decide is grey.
NOBODY = "Nobody decides here yet: name people in tieout.yml, and under `act_for` whom you may act for."
#: How a decision on an amendment stands that no run has read yet.
NEXT_RUN = "counts with the next run"


class EarlierRun(TieoutError):
    """A decision on a run that newer ones have followed."""


def user() -> str:
    """The person at the keyboard: the operating-system user."""
    return getpass.getuser()


def now() -> dt.datetime:
    """The instant of a decision, in UTC. Decisions happen when they happen; everything computed takes `as_of`."""
    return dt.datetime.now(dt.UTC)


def persons(project: Project) -> list[str]:
    """In whose name the user may decide: their own, and those the project lets them act for."""
    return [person for person in project.people if project.may_act_for(user(), person)]


def approver(project: Project, person: str) -> Approver:
    """A person of the project as the approval rules see them, when the user decides in their name."""
    return project.approver(person, actor=user())


def with_decisions(view: View) -> Snapshot:
    """The snapshot in view with everything decided since it was published."""
    return view.snapshot.decided(_state(view.project))


def decide(view: View, picked: Mapping[str, int], reason: str, *, approve: bool) -> Said:
    """Approve or reject actions by id and version. Nothing is decided on a version that was not looked at."""
    deed = _approve if approve else _reject
    try:
        _refuse_earlier(view, "its actions may have changed by now")
        return deed(view, picked, reason)
    except TieoutError as error:
        return [("bad", str(error))]


def emit(view: View) -> Said:
    """Write the approved actions as one batch."""
    try:
        _refuse_earlier(view, "its actions may have changed by now")
        batch = write_batch(
            view.snapshot.connection.cursor(),
            _state(view.project),
            batches(view.project),
            actor=user(),
            at=now(),
        )
    except TieoutError as error:
        return [("bad", str(error))]
    if batch is None:
        return [("wait", "No approved action waits for a batch.")]
    said: Said = [("good", f"Batch {batch.batch_id} with {plural(batch.actions, 'action')} is in {batch.path}.")]
    if batch.held:
        said.append(
            ("wait", f"{plural(len(batch.held), 'action')} held: another action they depend on is not approved.")
        )
    return said


def assign(view: View, found: Row, to: str, due: dt.date | None) -> Said:
    """Give a break to a person, or to nobody."""
    with _state(view.project).begin() as connection:
        decisions.assign(connection, [found["break_id"]], to or None, by=user(), at=now(), due_on=due)
    return [("good", f"Assigned to {to or 'nobody'}{f', due {day(due)}' if due else ''}.")]


def comment(view: View, found: Row, text: str) -> Said:
    """Write a comment on a break."""
    if not text.strip():
        return [("bad", "An empty comment says nothing: write one.")]
    with _state(view.project).begin() as connection:
        decisions.comment(connection, [found["break_id"]], text.strip(), by=user(), at=now())
    return [("good", "Comment written.")]


def accept(view: View, found: Row, reason: str, until: dt.date | None) -> Said:
    """Accept a break as explained, on the evidence that was looked at."""
    if not reason.strip():
        return [("bad", "Say why the difference is accepted: the reason goes into the audit log.")]
    try:
        _refuse_earlier(view, "the evidence of its breaks may have changed by now")
        person = approver(view.project, view.person)
    except TieoutError as error:
        return [("bad", str(error))]
    with _state(view.project).begin() as connection:
        decisions.accept(
            connection, {found["break_id"]: found["evidence_hash"]}, by=person.person, reason=reason.strip(),
            at=now(), until=until,
        )  # fmt: skip
    return [("good", f"Accepted as {person.person}{f' until {day(until)}' if until else ''}, from the next run on.")]


def taken(view: View, break_id: str) -> list[str]:
    """What people decided and said about a break, in sentences, the latest comment first."""
    with _state(view.project).read() as connection:
        assigned = _of(connection, schema.assignments, break_id)
        accepted = _of(connection, schema.acceptances, break_id)
        comments = _of(connection, schema.comments, break_id)
    lines = [
        f"Assigned to {row['assignee']}" + (f", due {_day(row['due_on'])}" if row["due_on"] else "")
        for row in assigned
        if row["assignee"]
    ]
    for row in accepted:
        until = f" until {_day(row['accepted_until'])}" if row["accepted_until"] else ""
        lines.append(f"Accepted by {row['accepted_by']}{until}: {row['reason']}")
    ordered = sorted(comments, key=lambda row: str(row["written_at"]), reverse=True)
    return lines + [f"{row['person']}, {_day(row['written_at'])}: {row['text']}" for row in ordered]


# --- how amendments are accounted for -----------------------------------------------------------------------------


def treaters(project: Project) -> list[str]:
    """Who may decide how an amendment is accounted for."""
    return sorted(name for name, person in project.people.items() if set(ROLES) & {str(role) for role in person.roles})


def what_if(view: View, agreement_number: str, version: int, treatment: str, *, book: str, key: str) -> WhatIf:
    """What a treatment of a version would do, with everything decided so far. `key` empty: every line of the version.

    Raises `EarlierRun` in a run before the newest: its open month may have been closed since.
    """
    _refuse_earlier(view, "its open month may be closed by now")
    return treatment_what_if(
        view.snapshot.connection.cursor(), view.project.policies(), overrides(_state(view.project)), agreement_number,
        version, treatment, as_of=view.run["as_of"], book=book, obligation_key=key or None,
    )  # fmt: skip


def treat(view: View, agreement_number: str, version: int, treatment: str, reason: str, *, book: str, key: str) -> Said:
    """Record a treatment in place of the policy's, from the open month on."""
    if not reason.strip():
        return [("bad", "Say why policy does not fit: the reason is kept with the decision.")]
    try:
        found = what_if(view, agreement_number, version, treatment, book=book, key=key)
        person = approver(view.project, view.person)
        decide_treatment(
            view.snapshot.connection.cursor(), _state(view.project), agreement_number, version, treatment, by=person,
            reason=reason.strip(), as_of=view.run["as_of"], at=now(), book=book, obligation_key=key or None,
        )  # fmt: skip
    except TieoutError as error:
        return [("bad", str(error))]
    return [("good", f"Decided as {person.person}: it counts from {found.period} on, with the next run.")]


def treatments(view: View, agreement_id: str, book: str, key: str) -> pl.DataFrame:
    """What was decided on the versions of an obligation, in order, and whether it counts in the run in view."""
    table, runs = schema.revenue_decisions, schema.runs
    concerned = (table.c.agreement_id == agreement_id) & (table.c.book == book)
    with _state(view.project).read() as connection:
        found = frame(
            connection,
            select(table)
            .where(concerned & ((table.c.obligation_key == key) | table.c.obligation_key.is_(None)))
            .order_by(table.c.decided_at, table.c.decision_id),
        )
        began = connection.execute(select(runs.c.started_at).where(runs.c.run_id == view.run["run_id"])).scalar()
    counted = pl.col("decided_at") <= pl.lit(began or "")
    is_last = pl.struct("version_no", "obligation_key").is_last_distinct()
    standing = pl.when(~is_last).then(pl.lit("replaced by a later decision"))
    return found.with_columns(
        standing=standing.when(counted).then(pl.lit("counts in this run")).otherwise(pl.lit(NEXT_RUN))
    )


def _refuse_earlier(view: View, why: str) -> None:
    """Raise where the run in view is not the newest: what it shows may not be so any more."""
    newest = current(view.project)
    if newest is None or view.run["run_id"] != newest.run_id:
        raise EarlierRun(
            f"{view.run['run_id']} is not the newest run, and {why}", then="Choose the newest run in the sidebar."
        )


def _of(connection: Connection, table: Table, break_id: str) -> list[Row]:
    found = connection.execute(select(table).where(table.c.break_id == break_id))
    return [dict(row) for row in found.mappings()]


def _day(text: str) -> str:
    return day(dt.date.fromisoformat(str(text)[:10]))


def _approve(view: View, picked: Mapping[str, int], reason: str) -> Said:
    project = view.project
    done = approve(
        view.snapshot.connection.cursor(),
        _state(project),
        picked,
        approver(project, view.person),
        reason,
        at=now(),
        two_above=project.approval.two_above.get(project.base_currency),
        expected_versions=picked,
    )
    said: Said = []
    if done.approved:
        said.append(("good", f"{plural(len(done.approved), 'action')} approved as {view.person}."))
    if done.waiting:
        said.append(("wait", f"{plural(len(done.waiting), 'action')} wait for a second approver."))
    return said + [("bad", f"{name}: {why}.") for name, why in done.refused.items()]


def _reject(view: View, picked: Mapping[str, int], reason: str) -> Said:
    done = reject(
        view.snapshot.connection.cursor(),
        _state(view.project),
        picked,
        approver(view.project, view.person),
        reason,
        at=now(),
    )
    said: Said = (
        [("good", f"{plural(len(done.rejected), 'action')} rejected as {view.person}.")] if done.rejected else []
    )
    return said + [("bad", f"{name}: {why}.") for name, why in done.refused.items()]


def _state(project: Project) -> State:
    return _opened(project.state)


@st.cache_resource(show_spinner=False, max_entries=4, on_release=State.close)
def _opened(url: str) -> State:
    """The state store, opened once for all pages and sessions."""
    return open_state(url)
