"""The audit log: who did what to which subject and when, each entry sealed by the hash of the one before it.

An entry that is changed, dropped or moved afterwards breaks the chain, and `verify` says where.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, or_, select

from contracts.errors import TieoutError
from contracts.state.schema import audit
from contracts.state.store import CHUNK, instant, lock, to_json

__all__ = ["GENESIS", "AuditBroken", "Entry", "append", "entries", "verify"]

#: What the first entry names as its predecessor.
GENESIS = "0" * 64


class AuditBroken(TieoutError):
    """An entry of the audit log does not fit the one before it."""

    def __init__(self, sequence: int, why: str) -> None:
        self.sequence = sequence
        super().__init__(
            f"The chain is broken at entry {sequence}: {why}. Nothing was written",
            where="audit log",
            then="Restore the state store from a copy and compare the entries from there on.",
        )


@dataclass(frozen=True)
class Entry:
    """One thing done: by whom (`actor`), what (`verb`), to what (`subject`, e.g. ``break/BRK..``), and the details."""

    actor: str
    verb: str
    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)


def append(connection: Connection, entries: Iterable[Entry], *, at: dt.datetime) -> int:
    """Adds entries to the chain after checking that its last link holds; returns how many.

    The whole chain is checked by `verify`. Call it inside the transaction of the deed itself, so that neither is ever
    without the other.
    """
    lock(connection)
    last = connection.execute(select(audit).order_by(audit.c.sequence.desc()).limit(1)).mappings().first()
    if last is not None and _seal(dict(last)) != last["hash"]:
        raise AuditBroken(last["sequence"], "its content is not what was sealed")
    sequence, previous = (last["sequence"], last["hash"]) if last is not None else (0, GENESIS)
    sealed, moment = [], instant(at)
    for entry in entries:
        sequence += 1
        record = {
            "sequence": sequence,
            "at": moment,
            "actor": entry.actor,
            "verb": entry.verb,
            "subject": entry.subject,
            "payload": to_json(entry.payload),
            "prev_hash": previous,
        }
        previous = record["hash"] = _seal(record)
        sealed.append(record)
    for start in range(0, len(sealed), CHUNK):
        connection.execute(audit.insert(), sealed[start : start + CHUNK])
    return len(sealed)


def verify(connection: Connection) -> int:
    """Reads the whole chain and returns its length; raises `AuditBroken` at the first entry that does not fit."""
    previous, expected = GENESIS, 0
    for row in connection.execute(select(audit).order_by(audit.c.sequence)).mappings():
        expected += 1
        if row["sequence"] != expected:
            raise AuditBroken(expected, "an entry is missing")
        if row["prev_hash"] != previous:
            raise AuditBroken(expected, "it does not follow the entry before it")
        if _seal(dict(row)) != row["hash"]:
            raise AuditBroken(expected, "its content is not what was sealed")
        previous = row["hash"]
    if connection.scalar(select(func.count()).select_from(audit)) != expected:
        raise AuditBroken(expected, "an entry is missing")
    return expected


def entries(connection: Connection, *, subject: str = "", by: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """The latest entries first; of one subject (with or without its kind), or by one person, in whoever's name."""
    wanted = select(audit).order_by(audit.c.sequence.desc()).limit(limit)
    if subject:
        wanted = wanted.where(or_(audit.c.subject == subject, audit.c.subject.endswith(f"/{subject}", autoescape=True)))
    if by:
        person = to_json({"person": by})[1:-1]
        wanted = wanted.where(or_(audit.c.actor == by, audit.c.payload.contains(person, autoescape=True)))
    return [{**row, "payload": json.loads(row["payload"])} for row in connection.execute(wanted).mappings()]


def _seal(record: Mapping[str, Any]) -> str:
    content = [record[name] for name in ("sequence", "at", "actor", "verb", "subject", "payload", "prev_hash")]
    return hashlib.sha256(to_json(content).encode()).hexdigest()
