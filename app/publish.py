"""Publishes a run as an immutable snapshot, and finds the one that counts.

A snapshot is a warehouse file of its own, ``published/<run_id>.duckdb``: marts, metrics and `recon`, the books of
landing and the quarantine. It is written beside, closed and renamed; then the pointer ``published/current.json`` is
switched. Readers see the old run or the new one, never half of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from app.database import connect
from app.project import Project
from contracts.errors import TieoutError
from contracts.sql import literal

__all__ = [
    "NothingPublished",
    "Pointer",
    "Unreadable",
    "attached",
    "current",
    "open_current",
    "open_snapshot",
    "publish",
    "snapshots",
]

POINTER = "current.json"
#: Schemas copied whole. The rows behind a break are read from raw Parquet by their `_row_id`: see `raw.files`.
SCHEMAS = ("marts", "revenue", "metrics", "recon", "crosswalk", "quarantine")
#: The books of landing: which file holds which rows, and until when each system was read.
BOOKS = ("loads", "load_money", "files", "streams", "watermarks", "drift")
#: Of marts with millions of rows: references and stamps that no page reads. `row_id` leads to the whole source row.
LEFT_OUT = {
    "marts.time_entry": (
        "time_entry_key", "project_ref", "task_ref", "person_ref", "minutes", "legal_entity_ref", "is_invoiced",
        "created_at", "role", "system", "updated_at",
    ),
    "marts.billing_event": (
        "billing_event_key", "milestone_key", "time_entry_key", "time_ref", "project_ref", "invoice_line_ref",
        "order_ref", "order_line_ref", "created_at", "role", "system", "updated_at",
    ),
}  # fmt: skip


class NothingPublished(TieoutError):
    """There is no run to look at."""

    def __init__(self, project: Project) -> None:
        super().__init__("Nothing has been published yet", where=str(project.root), then="Start with `tieout run`.")


class Unreadable(TieoutError):
    """What was published is there, and is no snapshot or no pointer to one."""


@dataclass(frozen=True)
class Pointer:
    """Which run counts: its id, date, the fingerprint of everything it was made from, and its file."""

    run_id: str
    as_of: str
    fingerprint: str
    file: str


def publish(con: duckdb.DuckDBPyConnection, project: Project, *, run_id: str, as_of: str, fingerprint: str) -> Path:
    """Write the snapshot of a run from the warehouse, switch to it, and drop the oldest beyond `keep_snapshots`."""
    folder = project.folder("published")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run_id}.duckdb"
    beside = folder / f".{run_id}.duckdb.new"
    for stale in folder.glob(".*.new*"):
        stale.unlink()
    _copy(con, project, beside, run_id)
    beside.replace(path)
    _switch(folder, Pointer(run_id, as_of, fingerprint, path.name))
    for old in snapshots(project)[project.keep_snapshots :]:
        old.unlink(missing_ok=True)
    return path


def current(project: Project) -> Pointer | None:
    """The pointer of the last published run; None before the first, and where its snapshot was taken away."""
    path = project.folder("published") / POINTER
    try:
        pointer = Pointer(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise Unreadable(
            "This does not say which run counts", where=str(path), then="Delete it, then `tieout run`."
        ) from error
    return pointer if (project.folder("published") / pointer.file).is_file() else None


def open_current(project: Project) -> duckdb.DuckDBPyConnection:
    """The last published snapshot, read-only for its data; temporary tables may be made beside it."""
    pointer = current(project)
    if pointer is None:
        raise NothingPublished(project)
    return open_snapshot(project.folder("published") / pointer.file)


def open_snapshot(path: Path) -> duckdb.DuckDBPyConnection:
    """One snapshot, read-only. All of a process open it alike: DuckDB refuses one file under two configurations."""
    try:
        return connect(path, read_only=True, threads=2)
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise Unreadable(
            "This snapshot cannot be read", where=str(path), then="Delete it; `tieout run` publishes the newest again."
        ) from error


@contextmanager
def attached(con: duckdb.DuckDBPyConnection, project: Project) -> Iterator[str | None]:
    """The last published run as a read-only database beside the warehouse, while the block lasts; its name, or None."""
    pointer = current(project)
    if pointer is None:
        yield None
        return
    con.execute(f"attach {literal(str(project.folder('published') / pointer.file))} as published (read_only)")
    try:
        yield "published"
    finally:
        con.execute("detach published")


def snapshots(project: Project) -> list[Path]:
    """The snapshots kept, the newest first; the current one always leads. Other files there are none of ours."""
    folder = project.folder("published")
    pointer = current(project)
    named = pointer.file if pointer else ""
    return sorted(
        folder.glob("RUN-*.duckdb"),
        key=lambda path: (path.name == named, path.stat().st_mtime_ns, path.name),
        reverse=True,
    )


#: Tables of the warehouse that hold several runs: a snapshot has its own run's rows, and of `runs` those published
#: before it too.
_OF_A_RUN = ("rules", "coverage", "proofs", "runs")


def _copy(con: duckdb.DuckDBPyConnection, project: Project, path: Path, run_id: str) -> None:
    """Copy everything a snapshot holds into a new file, tables and views alike as tables."""
    marks = ", ".join("?" * len(SCHEMAS))
    books = ", ".join("?" * len(BOOKS))
    relations = con.execute(
        f"""
        select table_schema, table_name from information_schema.tables
        where table_catalog = current_database()
          and (table_schema in ({marks}) or (table_schema = 'raw' and table_name in ({books})))
        order by all
        """,
        [*SCHEMAS, *BOOKS],
    ).fetchall()
    con.execute(f"attach {literal(str(path))} as snapshot")
    try:
        for schema in sorted({schema for schema, _ in relations}):
            con.execute(f"create schema if not exists snapshot.{schema}")
        for schema, name in relations:
            spared = LEFT_OUT.get(f"{schema}.{name}")
            columns = f"* exclude ({', '.join(spared)})" if spared else "*"
            con.execute(f'create table snapshot.{schema}."{name}" as select {columns} from {schema}."{name}"')
        for name in _OF_A_RUN:
            con.execute(f"delete from snapshot.recon.{name} where run_id <> ?", [run_id])
        with attached(con, project) as before:
            if before:
                con.execute(
                    f"insert into snapshot.recon.runs by name select * from {before}.recon.runs where run_id <> ?",
                    [run_id],
                )
        con.execute("checkpoint snapshot")
    finally:
        con.execute("detach snapshot")


def _switch(folder: Path, pointer: Pointer) -> None:
    beside = folder / f".{POINTER}.new"
    beside.write_text(json.dumps(asdict(pointer), indent=2) + "\n", "utf-8")
    beside.replace(folder / POINTER)
