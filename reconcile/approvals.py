"""Approves and rejects proposed actions, and says where each action stands between two runs.

Whoever prepared an action never approves it. One person of the required role is enough up to that person's limit, two
above it; some kinds always take two. An approval is bound to the evidence it was given on: when the evidence changes,
it is void. The published snapshot is never touched: decisions live in the state store and are laid over it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
from sqlalchemy import Connection, select

from contracts.actions import ApprovalPolicy, may_approve
from contracts.errors import TieoutError
from contracts.state import State, frame, instant, lock, put_actions, rows, schema
from contracts.state import approve as record_decision
from reconcile.plan import Decisions

__all__ = [
    "Approver", "Decided", "NotAllowed", "Overtaken", "approve", "decisions", "lay_over", "may_speak_for", "moved_on",
    "reject",
]  # fmt: skip

NOW = "_actions_now"


class NotAllowed(TieoutError):
    """A person may not take this decision."""


class Overtaken(TieoutError):
    """Somebody else decided on an action, or emitted it, at the same moment."""


@dataclass(frozen=True)
class Approver:
    """Who decides: the person, what they may approve, up to how much alone, and the user who acts in their name.

    `limit` is in base currency, as impacts are; None is any amount.
    """

    person: str
    roles: tuple[str, ...]
    limit: Decimal | None = None
    actor: str = ""


@dataclass(frozen=True)
class Decided:
    """What a decision came to. `waiting` need a second person; `refused` says why an action was left as it was."""

    approved: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


def decisions(state: State, prepared_by: str = "system") -> Decisions:
    """Everything decided and delivered so far, as frames for `plan`."""
    with state.read() as connection:
        outbox = frame(
            connection,
            select(
                *(schema.actions.c[name] for name in ("action_id", "version", "status", "batch_id", "evidence_hash"))
            ),
        )
        approvals = frame(
            connection,
            select(
                *(
                    schema.approvals.c[name]
                    for name in ("action_id", "version", "person", "decision", "evidence_hash", "decided_at", "is_void")
                )
            ),
        )
        deliveries = frame(connection, schema.deliveries)
    return Decisions(outbox.sort("action_id", "version"), approvals, deliveries, prepared_by)


def lay_over(con: duckdb.DuckDBPyConnection, state: State) -> str:
    """Create a temporary relation like ``recon.actions`` with each action's status as decided since; return its name.

    Statuses, batch and approval are those of the state store wherever it knows the version and evidence at hand.
    """
    decided = decisions(state)
    con.register("_overlay_outbox", decided.outbox.to_arrow())
    con.register("_overlay_approvals", decided.approvals.to_arrow())
    con.execute(
        f"""
        create or replace temp table {NOW} as
        with people as (
          select action_id, version, evidence_hash, list(person order by decided_at, person) as persons,
            max(decided_at) as decided_at, max(decision) as decision
          from _overlay_approvals where not is_void group by action_id, version, evidence_hash
        )
        select a.* replace (
          case when a.status in ('proposed', 'approved', 'rejected', 'emitted') then coalesce(o.status, a.status)
            else a.status end as status,
          coalesce(o.batch_id, a.batch_id) as batch_id,
          case when p.persons is null then a.approval else json_merge_patch(a.approval, json_object(
            'status', case o.status when 'proposed' then 'pending' when 'rejected' then 'rejected' else 'approved' end,
            'by', p.persons, 'at', p.decided_at)) end as approval)
        from recon.actions as a
        left join _overlay_outbox as o
          on o.action_id = a.action_id and o.version = a.version and o.evidence_hash = a.evidence_hash
        left join people as p
          on p.action_id = a.action_id and p.version = a.version and p.evidence_hash = a.evidence_hash
        """
    )
    con.unregister("_overlay_outbox")
    con.unregister("_overlay_approvals")
    return NOW


def approve(
    con: duckdb.DuckDBPyConnection,
    state: State,
    action_ids: Iterable[str],
    by: Approver,
    reason: str,
    *,
    at: dt.datetime,
    two_above: Decimal | None = None,
    expected_versions: Mapping[str, int] | None = None,
) -> Decided:
    """Approve actions of the snapshot `con`. What may not be approved by this person is refused with its reason.

    `two_above` is an amount in base currency over which two people approve whatever their limits; an impact nobody
    knows, for want of an exchange rate, is over every amount. With `expected_versions`, an action that changed since it
    was looked at is refused.
    """
    found = _wanted(con, state, action_ids)
    refused = {name: _why_not(one, by, expected_versions) for name, one in found.items()}
    refused |= dict.fromkeys(set(action_ids) - set(found), "there is no such action in the current run")
    allowed = [one for name, one in found.items() if not refused[name]]
    approved: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    with state.begin() as connection:
        overtaken = moved_on(connection, allowed, _UNDECIDED)
        refused |= {name: f"it is {status} already" for name, status in overtaken.items()}
        allowed = [one for one in allowed if one["action_id"] not in overtaken]
        earlier = _earlier(connection, allowed)
        for one in allowed:
            persons = earlier.get(one["action_id"], set()) | {by.person}
            enough = len(persons) > 1 or (_within(by, one, two_above) and one["policy"] != ApprovalPolicy.DUAL)
            (approved if enough else waiting).append(one)
        _record(connection, allowed, "approve", by, reason, at)
        put_actions(connection, [_outbox_row(one, "approved", at) for one in approved])
        put_actions(connection, [_outbox_row(one, "proposed", at) for one in waiting])
    return Decided(
        approved=_ids(approved), waiting=_ids(waiting), refused={name: why for name, why in refused.items() if why}
    )


def reject(
    con: duckdb.DuckDBPyConnection,
    state: State,
    action_ids: Iterable[str],
    by: Approver,
    reason: str,
    *,
    at: dt.datetime,
) -> Decided:
    """Reject actions. The same proposal does not return until its evidence changes."""
    found = _wanted(con, state, action_ids)
    decided = {name: one["status"] for name, one in found.items() if one["status"] not in _UNDECIDED}
    if not reason.strip():
        raise NotAllowed("A rejection says why", then="Give --reason.")
    with state.begin() as connection:
        decided |= moved_on(connection, list(found.values()), _UNDECIDED)
        chosen = [one for name, one in found.items() if name not in decided]
        _record(connection, chosen, "reject", by, reason, at)
        put_actions(connection, [_outbox_row(one, "rejected", at) for one in chosen])
    refused = {name: f"it is {status} already" for name, status in decided.items()}
    refused |= dict.fromkeys(set(action_ids) - set(found), "there is no such action in the current run")
    return Decided(rejected=_ids(chosen), refused=refused)


#: Statuses in which a person may still decide.
_UNDECIDED = ("proposed", "approved")


def moved_on(connection: Connection, actions: Sequence[Mapping[str, Any]], still: Sequence[str]) -> dict[str, str]:
    """Action -> status, of those that somebody else moved out of the statuses `still` since they were looked at.

    Nobody else writes from here to the end of the transaction.
    """
    lock(connection)
    table = schema.actions
    query = select(table.c.action_id, table.c.version, table.c.evidence_hash, table.c.status)
    moved = connection.execute(query.where(table.c.status.not_in(still))).fetchall()
    status = {(row.action_id, row.version, row.evidence_hash): row.status for row in moved}
    keys = {one["action_id"]: (one["action_id"], int(one["version"]), one["evidence_hash"]) for one in actions}
    return {name: status[key] for name, key in keys.items() if key in status}


def _wanted(con: duckdb.DuckDBPyConnection, state: State, action_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The actions asked for, as they stand now, with their impact in base currency (None when a rate is missing)."""
    relation = lay_over(con, state)
    con.execute("create or replace temp table _wanted (action_id varchar)")
    wanted = sorted(set(action_ids))
    if wanted:
        con.execute("insert into _wanted select unnest(?)", [wanted])
    cursor = con.execute(
        f"""
        select a.action_id, a.version, a.run_id, a.status, a.kind, a.group_id, a.idempotency_key, a.evidence_hash,
          cast(a.impact as varchar) as impact, a.currency, a.batch_id, a.target ->> '$.connection' as connection,
          a.approval ->> '$.policy' as policy, a.approval ->> '$.required_role' as required_role,
          a.approval ->> '$.prepared_by' as prepared_by,
          case when m.is_known then m.base_impact end as base_impact
        from {relation} as a semi join _wanted using (action_id)
        left join (
          select x.action_id, coalesce(sum(abs(b.impact)), 0) as base_impact,
            bool_and(b.impact is not null or coalesce(b.variance, 0) = 0) as is_known
          from (select action_id, unnest(breaks) as break_id from {relation}) as x
          join recon.breaks as b using (break_id) group by 1
        ) as m using (action_id)
        order by a.action_id
        """
    )
    names = [column[0] for column in cursor.description or ()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def _why_not(one: Mapping[str, Any], by: Approver, expected: Mapping[str, int] | None) -> str:
    """Why a person may not approve an action; empty when nothing stands against it."""
    if expected is not None and expected.get(one["action_id"], one["version"]) != one["version"]:
        return f"it changed since you looked at it (now version {one['version']}); look again"
    if one["status"] not in _UNDECIDED:
        return f"it is {one['status']} already"
    if one["prepared_by"] == by.person:
        return f"{by.person} prepared it; another person approves"
    if not may_approve(by.roles, one["required_role"]):
        return f"it takes the role {one['required_role']}; {by.person} has {', '.join(by.roles) or 'none'}"
    return ""


def _within(by: Approver, one: Mapping[str, Any], two_above: Decimal | None) -> bool:
    """Whether one approval by this person is enough for the money at stake (in base currency)."""
    limits = [limit for limit in (two_above, by.limit) if limit is not None]
    amount = one["base_impact"]
    return not limits or (amount is not None and amount <= min(limits))


def _earlier(connection: Connection, actions: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Who has approved each action on the same version and evidence."""
    current = {(one["action_id"], one["version"], one["evidence_hash"]) for one in actions}
    table = schema.approvals
    found: dict[str, set[str]] = {}
    query = select(table).where(table.c.decision == "approve", table.c.is_void.is_(False))
    for row in rows(connection, query):
        if (row["action_id"], row["version"], row["evidence_hash"]) in current:
            found.setdefault(row["action_id"], set()).add(row["person"])
    return found


def _record(
    connection: Connection,
    actions: Sequence[Mapping[str, Any]],
    decision: str,
    by: Approver,
    reason: str,
    at: dt.datetime,
) -> None:
    versions = [(one["action_id"], one["version"], one["evidence_hash"]) for one in actions]
    typed_by = by.actor if by.actor and by.actor != by.person else None
    record_decision(connection, versions, decision, by=by.person, reason=reason, at=at, acting_for=typed_by)


def _outbox_row(one: Mapping[str, Any], status: str, at: dt.datetime) -> dict[str, Any]:
    names = ("action_id", "version", "run_id", "group_id", "kind", "connection", "idempotency_key", "evidence_hash")
    return {
        **{name: one[name] for name in names},
        "status": status, "impact": one["impact"], "currency": one["currency"], "prepared_by": one["prepared_by"],
        "json": "{}", "updated_at": instant(at),
    }  # fmt: skip


def _ids(actions: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(one["action_id"] for one in actions)


def may_speak_for(actor: str, person: str, allowed: Callable[[str, str], bool]) -> None:
    """Raise unless the user `actor` is `person` or may act for them."""
    if not allowed(actor, person):
        raise NotAllowed(
            f"{actor} may not decide as {person}",
            then=f"Let {person} do it, or add act_for: {{{actor}: [{person}]}} to tieout.yml.",
        )
