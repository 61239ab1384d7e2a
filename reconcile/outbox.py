"""Emits approved actions as one batch of files, and reads back what the systems answered.

A batch is ``batches/<batch_id>/manifest.json`` and ``actions.jsonl``: one native call a line, those that others wait
for first. The same set of actions is the same batch, byte for byte; each manifest carries the hash of its files and of
the manifest before it. Nothing leaves the machine here: an emitted batch is delivered by whoever plays the systems.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, select

from contracts.errors import TieoutError
from contracts.state import (
    Entry,
    State,
    append,
    instant,
    last_batch,
    mark_actions,
    put_actions,
    put_batch,
    put_deliveries,
    rows,
    schema,
    to_json,
)
from reconcile.approvals import Overtaken, lay_over, moved_on

__all__ = ["Batch", "BatchBroken", "emit", "read_batch", "read_results", "sha256"]

ACTIONS, MANIFEST, RESULTS = "actions.jsonl", "manifest.json", "results.jsonl"
#: How the audit log calls a line of results that is no answer.
UNREADABLE = "could not read answer"

_TEXT = ("action_id", "version", "run_id", "as_of", "batch_id", "group_id", "sequence", "kind", "idempotency_key",
         "safety", "posting_period", "reason", "impact", "currency", "evidence_hash", "correlation_id",
         "status")  # fmt: skip
_JSON = ("depends_on", "target", "precondition", "changes", "request", "breaks", "approval", "compensation")
#: The fields of a line, in this order.
FIELDS = (
    "action_id", "version", "run_id", "as_of", "batch_id", "group_id", "sequence", "depends_on", "kind",
    "idempotency_key", "target", "precondition", "changes", "request", "safety", "posting_period", "breaks", "reason",
    "impact", "currency", "approval", "evidence_hash", "compensation", "correlation_id", "status",
)  # fmt: skip


class BatchBroken(TieoutError):
    """The files of a batch are not what its manifest says, or its answers cannot be read."""


class Answer(BaseModel):
    """A line of results: what became of one attempt at one call."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    action_id: str
    idempotency_key: str
    attempt: int
    outcome: Literal["applied", "already_applied", "refused", "failed", "unknown"]
    record_id: str | None = None
    message: str | None = None
    response_hash: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class Batch:
    """An emitted batch. `is_new` is false when this set had been emitted before; `held` wait for other approvals."""

    batch_id: str
    path: Path
    actions: int
    is_new: bool
    held: tuple[str, ...] = ()


def emit(con: duckdb.DuckDBPyConnection, state: State, folder: Path, *, actor: str, at: dt.datetime) -> Batch | None:
    """Write every approved action that was not emitted yet as one batch below `folder`; None when there is nothing.

    An action is held back while one it depends on is neither approved nor delivered. With nothing new to emit, the
    batch emitted last for this run is written again, byte for byte.
    """
    ready, held = _ready(con, state)
    if not ready:
        return _again(con, state, folder, held)
    batch_id = _batch_id((one["action_id"], one["version"]) for one in ready)
    lines = [_line({**one, "batch_id": batch_id, "status": "emitted"}) for one in ready]
    content = "".join(lines).encode()
    with state.begin() as connection:
        if overtaken := moved_on(connection, ready, ("approved",)):
            name, status = min(overtaken.items())
            raise Overtaken(f"{name} is {status} by now; nothing was emitted", then="Emit again.")
        previous = last_batch(connection)
        manifest = _manifest(con, batch_id, ready, content, previous)
        path = _write(folder / batch_id, content, manifest)
        put_actions(connection, [_record(one, batch_id, line, at) for one, line in zip(ready, lines, strict=True)])
        put_batch(
            connection,
            {
                "batch_id": batch_id, "run_id": ready[0]["run_id"], "as_of": ready[0]["as_of"], "actions": len(ready),
                "manifest": manifest, "manifest_sha256": sha256(manifest.encode()),
                "previous_sha256": previous["manifest_sha256"] if previous else None,
                "emitted_by": actor, "emitted_at": instant(at),
            },
        )  # fmt: skip
        append(connection, [Entry(actor, "emit", f"batch/{batch_id}", {"actions": len(ready)})], at=at)
    return Batch(batch_id, path, len(ready), is_new=True, held=held)


def read_batch(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The manifest and the actions of a batch, after checking that the files are what was emitted."""
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        content = (path / ACTIONS).read_bytes()
    except FileNotFoundError as error:
        raise BatchBroken(f"No batch: {Path(error.filename).name} is missing", where=str(path)) from error
    if sha256(content) != manifest["files"][ACTIONS]["sha256"]:
        raise BatchBroken(f"{ACTIONS} was changed after it was emitted", where=str(path), then="Emit it again.")
    return manifest, [json.loads(line) for line in content.splitlines()]


def read_results(state: State, folder: Path, *, at: dt.datetime) -> int:
    """Take every answer found below `folder` into the state store; returns how many are new.

    An answer counts for the version of its action that was in its batch. A line that is no answer is named once, by
    `BatchBroken`, after the others were taken; until it is corrected, its action waits.
    """
    with state.read() as connection:
        known = {
            (row["action_id"], row["idempotency_key"], row["attempt"])
            for row in rows(connection, select(schema.deliveries))
        }
        named = {
            (row["subject"], row["payload"])
            for row in rows(connection, select(schema.audit).where(schema.audit.c.verb == UNREADABLE))
        }
    fresh: list[dict[str, Any]] = []
    broken: list[tuple[Path, Entry]] = []
    for file in sorted(folder.glob(f"*/{RESULTS}")):
        answers, unreadable = _answers(file)
        fresh += [row for row in answers if (row["action_id"], row["idempotency_key"], row["attempt"]) not in known]
        broken += [(file, one) for one in unreadable if (one.subject, to_json(one.payload)) not in named]
    if fresh or broken:
        with state.begin() as connection:
            _take(connection, fresh, at)
            append(connection, [entry for _, entry in broken], at=at)
    if broken:
        file, entry = broken[0]
        others = f" (and {len(broken) - 1} more lines)" if len(broken) > 1 else ""
        raise BatchBroken(
            f"This is no answer: {entry.payload['why']}{others}",
            where=f"{file}, line {entry.payload['line']}",
            then="The others were taken. Correct it; until then its action waits for its answer.",
        )
    return len(fresh)


def _take(connection: Connection, fresh: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    """Write new answers, and what became of the versions they answer."""
    if not fresh:
        return
    put_deliveries(connection, fresh)
    emitted = rows(connection, select(schema.actions).where(schema.actions.c.batch_id.is_not(None)))
    versions = {(row["action_id"], row["batch_id"]): row["version"] for row in emitted}
    for outcome, calls in _by_status(fresh).items():
        answered = [
            (action_id, versions[action_id, batch]) for action_id, batch in calls if (action_id, batch) in versions
        ]
        mark_actions(connection, answered, outcome, at=at)
    counts = Counter(row["outcome"] for row in fresh)
    append(connection, [Entry("system", "read results", "deliveries", dict(sorted(counts.items())))], at=at)


def sha256(content: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _ready(con: duckdb.DuckDBPyConnection, state: State) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Approved actions in the order of their delivery, and those held because one they wait for is not ready."""
    relation = lay_over(con, state)
    con.execute(
        f"""
        create or replace temp table _ready as
        with recursive waits as (
          select action_id, unnest(depends_on) as needs from {relation} where status = 'approved'
        ),
        blocked as (
          select w.action_id from waits as w left join {relation} as n on n.action_id = w.needs
          where coalesce(n.status, 'superseded')
            not in ('approved', 'emitted', 'sending', 'applied', 'verified', 'superseded')
          union
          select w.action_id from waits as w join blocked as b on b.action_id = w.needs
        ),
        deep as (
          select action_id, 0 as depth from {relation} where status = 'approved'
          union
          select w.action_id, d.depth + 1 from waits as w join deep as d on d.action_id = w.needs where d.depth < 20
        ),
        depths as (select action_id, max(depth) as depth from deep group by 1)
        select a.*, d.depth, b.action_id is not null as is_held
        from {relation} as a join depths as d using (action_id)
        left join (select distinct * from blocked) as b using (action_id)
        where a.status = 'approved'
        """
    )
    texts = ", ".join(f"cast({name} as varchar) as {name}" for name in _TEXT)
    documents = ", ".join(f"cast(to_json({name}) as varchar) as {name}" for name in _JSON)
    cursor = con.execute(
        f"select {texts}, {documents} from _ready where not is_held order by depth, group_id, sequence, action_id"
    )
    names = [column[0] for column in cursor.description or ()]
    ready = [_typed(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    held = con.execute("select action_id from _ready where is_held order by action_id").fetchall()
    return ready, tuple(row[0] for row in held)


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    for name in _JSON:
        row[name] = json.loads(row[name]) if row[name] is not None else None
    for name in ("version", "sequence"):
        row[name] = int(row[name])
    return row


def _line(action: Mapping[str, Any]) -> str:
    return json.dumps({name: action[name] for name in FIELDS}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _batch_id(versions: Iterable[tuple[str, int]]) -> str:
    text = "\n".join(f"{name}:{version}" for name, version in sorted(versions))
    return f"BAT-{sha256(text.encode())[:16].upper()}"


def _manifest(
    con: duckdb.DuckDBPyConnection,
    batch_id: str,
    actions: Sequence[Mapping[str, Any]],
    content: bytes,
    previous: Mapping[str, Any] | None,
) -> str:
    """The manifest as text: what the batch holds, where it comes from, and what it follows."""
    totals: dict[str, Decimal] = {}
    for one in actions:
        totals[one["currency"] or ""] = totals.get(one["currency"] or "", Decimal(0)) + Decimal(one["impact"] or 0)
    breaks = sorted({name for one in actions for name in one["breaks"]})
    versions = con.execute(
        "select check_id, max(rule_version) from recon.breaks where break_id in (select unnest(?)) "
        "group by 1 order by 1",
        [breaks],
    ).fetchall()
    document = {
        "batch_id": batch_id,
        "run_id": actions[0]["run_id"],
        "as_of": actions[0]["as_of"],
        "actions": len(actions),
        "breaks": len(breaks),
        "by_kind": dict(sorted(Counter(one["kind"] for one in actions).items())),
        "by_connection": dict(sorted(Counter(one["target"]["connection"] for one in actions).items())),
        "tasks": sum(one["request"]["method"] == "TASK" for one in actions),
        "impact": {currency: str(total) for currency, total in sorted(totals.items())},
        "rule_versions": dict(versions),
        "files": {ACTIONS: {"sha256": sha256(content), "bytes": len(content), "lines": len(actions)}},
        "previous": {"batch_id": previous["batch_id"], "sha256": previous["manifest_sha256"]} if previous else None,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _again(con: duckdb.DuckDBPyConnection, state: State, folder: Path, held: tuple[str, ...]) -> Batch | None:
    """The last batch once more, if its actions are still those of the current run."""
    with state.read() as connection:
        batch = last_batch(connection)
        if batch is None:
            return None
        query = select(schema.actions).where(schema.actions.c.batch_id == batch["batch_id"])
        lines = {row["action_id"]: row["json"] for row in rows(connection, query)}
    current = {row[0] for row in con.execute("select action_id from recon.actions").fetchall()}
    if not set(lines) <= current:
        return None
    path = folder / batch["batch_id"]
    if not (path / ACTIONS).is_file():
        order = sorted(lines.values(), key=_delivery_order(lines.values()))
        _write(path, "".join(order).encode(), batch["manifest"])
    return Batch(batch["batch_id"], path, batch["actions"], is_new=False, held=held)


def _delivery_order(lines: Iterable[str]) -> Any:
    """The order of a batch's lines as `_ready` gives it, recovered from the lines themselves."""
    actions = {one["action_id"]: one for one in map(json.loads, lines)}
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0
            needs = [depth(one) + 1 for one in actions[name]["depends_on"] if one in actions]
            depths[name] = max(needs, default=0)
        return depths[name]

    def order(line: str) -> tuple[int, str, int, str]:
        one = json.loads(line)
        return (depth(one["action_id"]), one["group_id"], one["sequence"], one["action_id"])

    return order


def _write(path: Path, content: bytes, manifest: str) -> Path:
    """Write both files beside and switch them in, the manifest last: a batch with a manifest is complete."""
    path.mkdir(parents=True, exist_ok=True)
    for name, data in ((ACTIONS, content), (MANIFEST, manifest.encode())):
        beside = path / f".{name}.new"
        beside.write_bytes(data)
        beside.replace(path / name)
    return path


def _record(one: Mapping[str, Any], batch_id: str, line: str, at: dt.datetime) -> dict[str, Any]:
    names = (
        "action_id",
        "version",
        "run_id",
        "group_id",
        "kind",
        "idempotency_key",
        "evidence_hash",
        "impact",
        "currency",
    )
    return {
        **{name: one[name] for name in names},
        "status": "emitted", "batch_id": batch_id, "connection": one["target"]["connection"],
        "prepared_by": one["approval"].get("prepared_by"), "json": line, "updated_at": instant(at),
    }  # fmt: skip


def _answers(file: Path) -> tuple[list[dict[str, Any]], list[Entry]]:
    """The answers of a batch, and the lines that are none. A line its writer has not finished is left for next time."""
    batch_id = file.parent.name
    answers: list[dict[str, Any]] = []
    unreadable: list[Entry] = []
    for number, line in enumerate(file.read_bytes().splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):
            break
        try:
            answers.append({**Answer.model_validate_json(line).model_dump(), "batch_id": batch_id})
        except ValidationError as error:
            found = {"line": number, "sha256": sha256(line), "why": _why(error)}
            unreadable.append(Entry("system", UNREADABLE, f"batch/{batch_id}", found))
    return answers, unreadable


def _why(error: ValidationError) -> str:
    first = error.errors()[0]
    field = ".".join(str(step) for step in first["loc"])
    return f"{field}: {first['msg']}" if field else first["msg"]


def _by_status(answers: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Status -> calls (action, batch), by the last attempt of each."""
    latest = {(row["action_id"], row["batch_id"]): row for row in sorted(answers, key=lambda row: int(row["attempt"]))}
    statuses: dict[str, list[tuple[str, str]]] = {}
    for call, row in sorted(latest.items()):
        status = "applied" if row["outcome"] == "already_applied" else row["outcome"]
        statuses.setdefault(status, []).append(call)
    return statuses
