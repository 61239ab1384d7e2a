"""What people decide: on breaks (assign, comment, accept), actions (approve), amendments (treat) and rows set aside
(discard). Each is audited.

All functions take many ids at once and one write connection (`State.begin`); who may decide what is settled before, by
`reconcile.approvals` and the project's people.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from contracts.state.audit import Entry, append
from contracts.state.schema import acceptances, approvals, assignments, comments, people, revenue_decisions
from contracts.state.store import instant, rows, to_json, upsert

__all__ = [
    "accept",
    "approve",
    "assign",
    "comment",
    "discard",
    "put_people",
    "treat",
    "void_approvals",
    "withdraw_acceptance",
]


def assign(
    connection: Connection,
    break_ids: Sequence[str],
    assignee: str | None,
    *,
    by: str,
    at: dt.datetime,
    due_on: dt.date | None = None,
    reason: str = "",
) -> int:
    """Gives breaks to a person, or to nobody with `assignee` None; returns how many."""
    due = due_on.isoformat() if due_on else None
    upsert(
        connection,
        assignments,
        (
            {"break_id": id_, "assignee": assignee, "due_on": due, "assigned_by": by, "assigned_at": instant(at)}
            for id_ in break_ids
        ),
    )
    return _log(connection, by, "assign", break_ids, {"assignee": assignee, "due_on": due, "reason": reason}, at)


def comment(connection: Connection, break_ids: Sequence[str], text: str, *, by: str, at: dt.datetime) -> int:
    """Writes a comment on breaks; the same comment twice at the same moment is one comment."""
    upsert(
        connection,
        comments,
        (
            {
                "comment_id": _hash(id_, by, instant(at), text),
                "break_id": id_,
                "person": by,
                "text": text,
                "written_at": instant(at),
            }
            for id_ in break_ids
        ),
        update=False,
    )
    return _log(connection, by, "comment", break_ids, {"text": text}, at)


def accept(
    connection: Connection,
    evidence: Mapping[str, str | None],
    *,
    by: str,
    reason: str,
    at: dt.datetime,
    until: dt.date | None = None,
) -> int:
    """Accepts breaks as explained: `evidence` maps break id to the evidence hash that was looked at."""
    end = until.isoformat() if until else None
    upsert(
        connection,
        acceptances,
        (
            {
                "break_id": id_,
                "evidence_hash": seen,
                "reason": reason,
                "accepted_by": by,
                "accepted_at": instant(at),
                "accepted_until": end,
            }
            for id_, seen in evidence.items()
        ),
    )
    return _log(connection, by, "accept", list(evidence), {"reason": reason, "until": end}, at)


def withdraw_acceptance(
    connection: Connection, break_ids: Sequence[str], *, by: str, reason: str, at: dt.datetime
) -> int:
    """Takes acceptances back: the breaks are open again from the next run."""
    gone = delete(acceptances).where(acceptances.c.break_id == bindparam("id_"))
    if break_ids:
        connection.execute(gone, [{"id_": id_} for id_ in break_ids])
    return _log(connection, by, "withdraw acceptance", break_ids, {"reason": reason}, at)


def approve(
    connection: Connection,
    versions: Iterable[tuple[str, int, str]],
    decision: str,
    *,
    by: str,
    reason: str,
    at: dt.datetime,
    acting_for: str | None = None,
) -> int:
    """Records approvals or rejections (`decision`: approve, reject) of (action id, version, evidence hash).

    `by` is the person whose decision it is; `acting_for` names the one who typed it, where the project lets them.
    """
    given = list(versions)
    upsert(
        connection,
        approvals,
        (
            {
                "action_id": id_,
                "version": version,
                "person": by,
                "decision": decision,
                "evidence_hash": seen,
                "reason": reason,
                "acting_for": acting_for,
                "decided_at": instant(at),
                "is_void": False,
            }
            for id_, version, seen in given
        ),
    )
    entries = (
        Entry(
            actor=acting_for or by,
            verb=decision,
            subject=f"action/{id_}",
            payload={"version": version, "evidence_hash": seen, "person": by, "reason": reason},
        )
        for id_, version, seen in given
    )
    return append(connection, entries, at=at)


def void_approvals(connection: Connection, evidence: Mapping[str, str], *, reason: str, at: dt.datetime) -> list[str]:
    """Voids approvals whose action's evidence is no longer `evidence[action_id]`; returns the ids of those actions."""
    standing = rows(connection, select(approvals).where(~approvals.c.is_void))
    stale = [
        row for row in standing if row["action_id"] in evidence and evidence[row["action_id"]] != row["evidence_hash"]
    ]
    if not stale:
        return []
    voided = (
        update(approvals)
        .where(
            approvals.c.action_id == bindparam("id_"),
            approvals.c.version == bindparam("version_"),
            approvals.c.person == bindparam("person_"),
        )
        .values(is_void=True, void_reason=reason)
    )
    connection.execute(
        voided, [{"id_": row["action_id"], "version_": row["version"], "person_": row["person"]} for row in stale]
    )
    ids = sorted({row["action_id"] for row in stale})
    append(connection, (Entry("system", "void approval", f"action/{id_}", {"reason": reason}) for id_ in ids), at=at)
    return ids


def treat(
    connection: Connection,
    agreement_id: str,
    version_no: int,
    treatment: str,
    *,
    book: str,
    obligation_key: str | None,
    period: str,
    decided_on: dt.date,
    by: str,
    reason: str,
    at: dt.datetime,
) -> str:
    """Records how a version of an agreement is to be accounted for from `period` on; returns the decision's id.

    The same decision again is the same row; another one on the same version stands beside it, and the later one counts.
    """
    id_ = "REV-" + _hash(agreement_id, book, str(version_no), obligation_key or "", period, treatment, instant(at))
    said = {
        "agreement_id": agreement_id, "book": book, "version_no": version_no, "obligation_key": obligation_key,
        "treatment": treatment, "period": period, "decided_on": decided_on.isoformat(), "reason": reason,
    }  # fmt: skip
    upsert(connection, revenue_decisions, [{"decision_id": id_, "person": by, "decided_at": instant(at), **said}])
    append(connection, [Entry(by, "decide treatment", f"agreement/{agreement_id}", said)], at=at)
    return id_


def discard(
    connection: Connection,
    found: Iterable[Mapping[str, Any]],
    *,
    by: str,
    reason: str,
    at: dt.datetime,
    acting_for: str | None = None,
) -> int:
    """Records that rows set aside will never come in: `found` has each row's id as `row_id`, and where it was read.

    `by` is the person whose decision it is; `acting_for` names the one who typed it, where the project lets them.
    """
    entries = (
        Entry(
            actor=acting_for or by,
            verb="discard row",
            subject=f"quarantine/{row['row_id']}",
            payload={
                **{name: value for name, value in row.items() if name != "row_id"},
                "person": by,
                "reason": reason,
            },
        )
        for row in found
    )
    return append(connection, entries, at=at)


def put_people(connection: Connection, records: Iterable[Mapping[str, Any]]) -> int:
    """Makes the people of the store those of the project: others stay known, but inactive."""
    given = [
        {
            "person": record["person"],
            "name": record.get("name"),
            "email": record.get("email"),
            "roles": to_json(record.get("roles", [])),
            "limits": to_json(record.get("limits", {})),
            "act_for": to_json(record.get("act_for", [])),
            "is_active": True,
        }
        for record in records
    ]
    connection.execute(update(people).values(is_active=False))
    return upsert(connection, people, given)


def _log(
    connection: Connection, by: str, verb: str, break_ids: Sequence[str], payload: Mapping[str, Any], at: dt.datetime
) -> int:
    return append(connection, (Entry(by, verb, f"break/{id_}", payload) for id_ in break_ids), at=at)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
