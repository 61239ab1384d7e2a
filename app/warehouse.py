"""Opens the warehouse of a project with sensible limits, and remembers which steps were completed for which input."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from app.project import Project

__all__ = ["forget", "is_done", "limits", "mark_done", "memory_limit", "opened"]

_GIGABYTE = 1 << 30
_STEPS = """
create schema if not exists pipeline;
create table if not exists pipeline.steps (step varchar primary key, input varchar)
"""


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
    con = duckdb.connect(str(project.warehouse))
    try:
        for name, value in limits(project).items():
            con.execute(f"set {name} = '{value}'")
        con.execute("set preserve_insertion_order = false")
        yield con
    finally:
        con.close()


def is_done(project: Project, step: str, made_from: str) -> bool:
    """Whether a step was completed for exactly this input."""
    with opened(project) as con:
        con.execute(_STEPS)
        return (
            con.execute("select 1 from pipeline.steps where step = ? and input = ?", [step, made_from]).fetchone()
            is not None
        )


def forget(project: Project, step: str) -> None:
    """A step is about to begin: until it is marked done again, it counts as unfinished."""
    with opened(project) as con:
        con.execute(_STEPS)
        con.execute("delete from pipeline.steps where step = ?", [step])


def mark_done(project: Project, step: str, made_from: str) -> None:
    """A step was completed for this input."""
    with opened(project) as con:
        con.execute(_STEPS)
        con.execute("insert or replace into pipeline.steps values (?, ?)", [step, made_from])
