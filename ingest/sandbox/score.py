"""Scores a run against the sandbox's truth: what was injected, what was found, with which money, at whose fault.

A fault is *found* when for each of its expected breaks the run holds one break of the same check and break type that
names every expected record, the same connection at fault, and the same money to the minor unit, and the first call of
its correction is of the expected kind. A break without an expectation is *explained* when it is a consequence: its
check is listed by a fault whose root break it is grouped under, and no other fault of its agreement that lists the
check says its money to the minor unit while this one does not. It is *ungrouped* when it is a consequence and hangs
under nothing, or under the wrong cause; so is the break of a fault that hangs under another fault. A timing break is
explained by the noise file. Anything else is a false alarm.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from contracts.breaks import LIVE, among

__all__ = ["Score", "score"]

Record = tuple[str, str, str]

#: The ways in which a run can differ from the truth: fields of a `Score`.
_WRONGS = ("missed", "false_alarms", "wrong_money", "wrong_owner", "wrong_action", "ungrouped")


@dataclass(frozen=True)
class Score:
    """How a run compares with the truth. `recall` and `precision` are exact fractions of breaks; money in cents."""

    expected: int
    found: int
    breaks: int
    explained: int
    missed: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    wrong_money: list[str] = field(default_factory=list)
    wrong_owner: list[str] = field(default_factory=list)
    wrong_action: list[str] = field(default_factory=list)
    ungrouped: list[str] = field(default_factory=list)

    @property
    def perfect(self) -> bool:
        """Every fault found with its money, connection at fault and correction, causes grouped, and no false alarm."""
        return not any(getattr(self, name) for name in _WRONGS)

    def report(self, limit: int = 12) -> str:
        """What differs from the truth, a line each, for a person."""
        lines = [f"{self.found} of {self.expected} expected breaks found; {self.explained} of {self.breaks} explained"]
        for title in _WRONGS:
            rows: list[str] = getattr(self, title)
            lines += [f"{title.replace('_', ' ')}: {row}" for row in rows[:limit]]
            if len(rows) > limit:
                lines.append(f"{title.replace('_', ' ')}: and {len(rows) - limit} more")
        return "\n".join(lines)


@dataclass
class _Break:
    break_id: str
    check: str
    break_type: str
    status: str
    money: Decimal | None
    currency: str | None
    at_fault: str | None
    root_id: str | None
    agreement: str | None
    title: str
    records: set[Record] = field(default_factory=set)
    kinds: list[str] = field(default_factory=list)  # of the first calls of its correction
    taken: str | None = None  # the fault that explains it

    @property
    def worth(self) -> tuple[Decimal, str | None]:
        """The money without its direction."""
        return abs(self.money or Decimal(0)), self.currency

    def __str__(self) -> str:
        return f"{self.check} {self.break_type} {self.money} {self.currency} {self.title} {sorted(self.records)[:3]}"


def score(snapshot: duckdb.DuckDBPyConnection, truth: Path) -> Score:
    """Compare the breaks of a published snapshot with ``truth/faults.jsonl`` and ``truth/noise.jsonl``."""
    faults = _lines(truth / "faults.jsonl")
    noise = _lines(truth / "noise.jsonl")
    breaks = _breaks(snapshot)
    by_check: dict[str, list[_Break]] = defaultdict(list)
    for one in breaks:
        by_check[one.check].append(one)
    missed: list[str] = []
    wrong_money: list[str] = []
    wrong_owner: list[str] = []
    wrong_action: list[str] = []
    expected = found = 0
    for fault in faults:
        for want in fault["expected"]:
            expected += 1
            label = f"{fault['fault_id']} {fault['pattern']} {want['check']} {want['break_type']} {want['money']}"
            hit = _take(by_check[want["check"]], want, fault["fault_id"])
            if hit is None:
                missed.append(f"{label} {_records(want)}")
                continue
            found += 1
            if not _same_money(hit, want):
                wrong_money.append(f"{label} {want['currency']}: found {hit.money} {hit.currency} ({hit.title})")
            if want.get("at_fault") and hit.at_fault != want["at_fault"]:
                wrong_owner.append(f"{label}: expected {want['at_fault']}, found {hit.at_fault} ({hit.title})")
            if hit.kinds != [want["action_kind"]]:
                wrong_action.append(f"{label}: expected {want['action_kind']}, found {hit.kinds} ({hit.title})")
    false_alarms, ungrouped = _explain_rest(breaks, faults, noise)
    return Score(
        expected=expected,
        found=found,
        breaks=len(breaks),
        explained=len(breaks) - len(false_alarms),
        missed=missed,
        false_alarms=false_alarms,
        wrong_money=wrong_money,
        wrong_owner=wrong_owner,
        wrong_action=wrong_action,
        ungrouped=ungrouped,
    )


def _explain_rest(
    breaks: list[_Break], faults: list[dict[str, Any]], noise: list[dict[str, Any]]
) -> tuple[list[str], list[str]]:
    """What no expectation took: consequences of a fault, noise that waits, or false alarms."""
    consequences = {fault["fault_id"]: set(fault.get("consequences", ())) for fault in faults}
    touched = {fault["fault_id"]: set().union(*(_records(want) for want in fault["expected"])) for fault in faults}
    root_of = {one.break_id: one for one in breaks}
    causes: dict[str, list[_Break]] = defaultdict(list)
    for one in breaks:
        if one.taken and one.agreement:
            causes[one.agreement].append(one)
    waiting = {record for item in noise if item.get("expected_status") == "timing" for record in _records(item)}
    false_alarms: list[str] = []
    ungrouped: list[str] = []
    for one in breaks:
        root = root_of.get(one.root_id or "", one)
        if one.taken:
            if root.taken and root.taken != one.taken:
                ungrouped.append(f"{one} is {one.taken} itself and hangs under {root.taken}")
            continue
        if one.status == "timing" and one.records & waiting:
            continue
        if root is not one and root.taken and one.check in consequences[root.taken]:
            listing = [cause for cause in causes[one.agreement or ""] if one.check in consequences[cause.taken or ""]]
            equal = {cause.taken for cause in listing if cause.worth == one.worth}
            if equal and root.taken not in equal:
                ungrouped.append(f"{one} is worth what {min(map(str, equal))} is and hangs under {root.taken}")
            continue
        sharing = [name for name, checks in consequences.items() if one.check in checks and one.records & touched[name]]
        if sharing:
            ungrouped.append(f"{one} is a consequence of {sharing[0]} but has root {one.root_id}")
        else:
            false_alarms.append(str(one))
    return false_alarms, ungrouped


def _take(candidates: list[_Break], want: dict[str, Any], fault_id: str) -> _Break | None:
    """The best free break for an expectation: it names all expected records; equal money, then fault, is preferred."""
    records = _records(want)
    fits = [
        one
        for one in candidates
        if not one.taken and one.status != "timing" and one.break_type == want["break_type"] and records <= one.records
    ]
    if not fits:
        return None
    blamed = want.get("at_fault")
    best = min(
        fits, key=lambda one: (not _same_money(one, want), one.at_fault != blamed, len(one.records), one.break_id)
    )
    best.taken = fault_id
    return best


def _same_money(one: _Break, want: dict[str, Any]) -> bool:
    if want.get("money") is None:
        return True
    return one.currency == want["currency"] and abs(one.money or Decimal(0)) == abs(Decimal(want["money"]))


def _records(item: dict[str, Any]) -> set[Record]:
    return {(record["connection"], record["object"], str(record["id"])) for record in item["records"]}


def _breaks(snapshot: duckdb.DuckDBPyConnection) -> list[_Break]:
    """The breaks that stand in the snapshot, with the records they name."""
    records: dict[str, set[Record]] = defaultdict(set)
    for break_id, connection, name, record_id in snapshot.execute(
        "select break_id, connection, object, record_id from recon.break_records where record_id is not null"
    ).fetchall():
        records[break_id].add((connection, name, record_id))
    rows = snapshot.execute(
        f"""
        select break_id, check_id, break_type, status, variance, currency, at_fault, root_id, agreement_id, title
        from recon.breaks
        where {among("status", LIVE)}
        order by break_id
        """
    ).fetchall()
    breaks = [_Break(*row) for row in rows]
    kinds = _first_kinds(snapshot)
    for one in breaks:
        one.records = records[one.break_id]
        one.kinds = kinds.get(one.break_id, [])
    return breaks


def _first_kinds(snapshot: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The kinds of the calls that the correction of each break begins with."""
    rows = snapshot.execute(
        """
        with acting as (select unnest(breaks) as break_id, kind, sequence from recon.actions),
        first_calls as (select break_id, kind from acting qualify sequence = min(sequence) over (partition by break_id))
        select break_id, list(distinct kind order by kind) from first_calls group by break_id
        """
    ).fetchall()
    return dict(rows)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
