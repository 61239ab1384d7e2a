"""Opens the warehouse of a project with sensible limits, and remembers which steps were completed for which input."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from app.database import connect
from app.project import Project
from contracts.errors import TieoutError
from contracts.sql import literal

__all__ = [
    "Busy", "done_for", "forget", "in_one_thread", "is_small", "limits", "looked_at", "mark_done", "memory_limit",
    "opened",
]  # fmt: skip

_GIGABYTE = 1 << 30
#: Rows of its largest stream up to which a firm is small.
_FEW_ROWS = 50_000
_STEPS = """
create schema if not exists pipeline;
create table if not exists pipeline.steps (step varchar primary key, input varchar)
"""


class Busy(TieoutError):
    """Another process has the warehouse open; it lets in one writer, or several readers."""

    def __init__(self, project: Project) -> None:
        super().__init__(
            "Another process has the warehouse open", where=str(project.warehouse), then="Try again when it is done."
        )


def memory_limit() -> str:
    """What DuckDB may use: the smaller of 6 GB and half the machine's memory, or ``TIEOUT_MEMORY``."""
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return os.environ.get("TIEOUT_MEMORY") or f"{min(6 * _GIGABYTE, half) // (1 << 20)}MiB"


def limits(project: Project) -> dict[str, str]:
    """Settings of every connection to the warehouse; what does not fit into memory spills to disk."""
    return {"memory_limit": memory_limit(), "temp_directory": str(project.folder("spill"))}


@contextmanager
def opened(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, open for writing while the block lasts. One writer at a time: hold the lease."""
    project.warehouse.parent.mkdir(parents=True, exist_ok=True)
    con = _connected(project)
    try:
        for name, value in limits(project).items():
            con.execute(f"set {name} = {literal(value)}")
        con.execute("set preserve_insertion_order = false")
        yield con
    finally:
        con.close()


@contextmanager
def looked_at(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse as it stands, read-only; raises `Busy` while a run writes it."""
    con = _connected(project, read_only=True)
    try:
        yield con
    finally:
        con.close()


def _connected(project: Project, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    try:
        return connect(project.warehouse, read_only=read_only)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise Busy(project) from error
        raise


@contextmanager
def in_one_thread(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """While the block lasts, one thread computes."""
    found = con.execute("select current_setting('threads')").fetchall()
    con.execute("set threads = 1")
    try:
        yield
    finally:
        con.execute(f"set threads = {found[0][0]}")


def is_small(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether so few rows are landed that a statement is done before a second thread has begun with it."""
    rows = con.execute("select sum(rows_new) from raw.loads group by connection, stream").fetchall()
    return max((count for (count,) in rows), default=0) < _FEW_ROWS


def done_for(con: duckdb.DuckDBPyConnection, step: str) -> str:
    """The input a step was completed for; empty when it was not."""
    con.execute(_STEPS)
    found = con.execute("select input from pipeline.steps where step = ?", [step]).fetchone()
    return str(found[0]) if found else ""


def forget(con: duckdb.DuckDBPyConnection, *steps: str) -> None:
    """A step is about to begin: until they are marked done again, it and those that follow it count as unfinished."""
    con.execute(_STEPS)
    con.execute("delete from pipeline.steps where step in (select unnest(?))", [list(steps)])


def mark_done(con: duckdb.DuckDBPyConnection, step: str, made_from: str) -> None:
    """A step was completed for this input."""
    con.execute(_STEPS)
    con.execute("insert or replace into pipeline.steps values (?, ?)", [step, made_from])
