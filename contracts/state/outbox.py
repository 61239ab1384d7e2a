"""What the store holds of corrections and runs: actions, batches, answers, and which run did what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from contracts.state.schema import actions, batches, deliveries, runs
from contracts.state.store import CHUNK, instant, rows, to_json, upsert

__all__ = [
    "finish_run",
    "last_batch",
    "last_run",
    "mark_actions",
    "put_actions",
    "put_batch",
    "put_deliveries",
    "start_run",
]


def put_actions(connection: Connection, records: Iterable[Mapping[str, Any]]) -> int:
    """Writes versions of actions by (action_id, version); `json` is the action itself, text or mapping."""
    return upsert(connection, actions, map(_with_text("json"), records))


def mark_actions(connection: Connection, versions: Iterable[tuple[str, int]], status: str, *, at: dt.datetime) -> None:
    """Moves actions to a status."""
    given = [{"id_": id_, "version_": version} for id_, version in versions]
    statement = (
        update(actions)
        .where(actions.c.action_id == bindparam("id_"), actions.c.version == bindparam("version_"))
        .values(status=status, updated_at=instant(at))
    )
    for start in range(0, len(given), CHUNK):
        connection.execute(statement, given[start : start + CHUNK])


def put_batch(connection: Connection, batch: Mapping[str, Any]) -> bool:
    """Registers an emitted batch after the last one; false when it is known already."""
    if connection.scalar(select(batches.c.batch_id).where(batches.c.batch_id == batch["batch_id"])) is not None:
        return False
    sequence = (connection.scalar(select(func.max(batches.c.sequence))) or 0) + 1
    upsert(connection, batches, [{**_with_text("manifest")(batch), "sequence": sequence}])
    return True


def last_batch(connection: Connection) -> dict[str, Any] | None:
    """The batch emitted last: its manifest's hash goes into the next manifest."""
    found = rows(connection, select(batches).order_by(batches.c.sequence.desc()).limit(1))
    return found[0] if found else None


def put_deliveries(connection: Connection, records: Iterable[Mapping[str, Any]]) -> int:
    """Writes answers by (action_id, idempotency_key, attempt); an answer read twice is one answer."""
    return upsert(connection, deliveries, records)


def start_run(
    connection: Connection,
    run_id: str,
    *,
    project: str,
    fingerprint: str,
    as_of: dt.date | dt.datetime | None,
    at: dt.datetime,
    token: int | None = None,
) -> None:
    """Notes that a run began; a run repeated under its id begins anew."""
    record = {
        "run_id": run_id,
        "project": project,
        "fingerprint": fingerprint,
        "status": "started",
        "as_of": as_of.isoformat() if as_of else None,
        "token": token,
        "summary": "{}",
        "started_at": instant(at),
    }
    upsert(connection, runs, [record])


def finish_run(
    connection: Connection,
    run_id: str,
    status: str,
    *,
    at: dt.datetime,
    snapshot: str | None = None,
    summary: Mapping[str, Any] | None = None,
) -> None:
    """Notes how far a run came: published, done or failed, with its snapshot and summary."""
    values: dict[str, Any] = {"status": status, "finished_at": instant(at)}
    if snapshot is not None:
        values["snapshot"] = snapshot
    if summary is not None:
        values["summary"] = to_json(summary)
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(**values))


def last_run(connection: Connection, *, project: str) -> dict[str, Any] | None:
    """The run that began last, whatever became of it."""
    query = select(runs).where(runs.c.project == project).order_by(runs.c.started_at.desc(), runs.c.run_id.desc())
    found = rows(connection, query.limit(1))
    return found[0] if found else None


def _with_text(column: str) -> Any:
    """A function that turns the JSON column of a record into canonical text, if it is not text yet."""

    def convert(record: Mapping[str, Any]) -> dict[str, Any]:
        value = record[column]
        return {**record, column: value if isinstance(value, str) else to_json(value)}

    return convert
