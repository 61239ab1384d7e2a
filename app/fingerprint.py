"""What a run is made from, as one hash: when nothing in it changed, nothing needs to be done again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Table, select

from app.home import CODE, models_root
from app.project import Project
from contracts.state import State, rows, schema, to_json

__all__ = ["Made", "code", "of_build", "of_run"]

#: What decides a figure: the packages but for the dashboard, the models, and dbt's own configuration.
_SOURCES = (
    "contracts", "ingest", "models", "reconcile", "dbt_project.yml", "app/build.py", "app/links.py", "app/metrics.py",
    "app/pipeline.py", "app/project.py", "app/publish.py", "app/reconciliation.py",
)  # fmt: skip
_ENDINGS = {".py", ".sql", ".yml", ".csv"}


@dataclass(frozen=True)
class Made:
    """What a run is made from: its day, the checks asked for, and the fingerprints of what is built and of it all."""

    day: dt.date
    checks: tuple[str, ...]
    built: str
    whole: str

    @property
    def run_id(self) -> str:
        """The name of the run."""
        return f"RUN-{self.day.isoformat()}-{self.whole[:12].upper()}"

    @property
    def text(self) -> str:
        """The same as text, for the books of the steps."""
        return json.dumps([self.day.isoformat(), self.checks, self.built, self.whole])

    @classmethod
    def read(cls, text: str) -> Made:
        """What `text` says."""
        day, checks, built, whole = json.loads(text)
        return cls(dt.date.fromisoformat(day), tuple(checks), built, whole)


def of_build(con: duckdb.DuckDBPyConnection, project: Project, state: State, as_of: dt.date) -> str:
    """Loads, code, configuration, date, and what people decided about identities and amendments."""
    loads = con.execute("select load_id from raw.loads order by connection, stream, sequence, load_id").fetchall()
    streams = con.execute(
        "select connection, stream, case status when 'unchanged' then 'landed' else status end, last_load_id, "
        "cast(watermark as varchar) from raw.streams order by all"
    ).fetchall()
    watermarks = con.execute(
        "select connection, cast(watermark as varchar) from raw.watermarks order by all"
    ).fetchall()
    waiting = con.execute("select count(*), coalesce(sum(hash(row_id, status)), 0) from quarantine.rows").fetchall()
    with state.read() as connection:
        identities = rows(connection, schema.crosswalk_decisions)
        treatments = rows(connection, schema.revenue_decisions)
    stated = [code(), _own_rules(project), project.configuration_hash, as_of]
    return _hash([*stated, loads, streams, watermarks, [str(waiting)], identities, treatments])


def of_run(built: str, state: State, checks: tuple[str, ...] = ()) -> str:
    """What was built, and every decision that shows in breaks and actions."""
    with state.read() as connection:
        decisions = [
            rows(connection, schema.acceptances),
            rows(connection, schema.assignments),
            rows(connection, select(*_but(schema.approvals, "is_void", "void_reason"))),
            rows(connection, select(schema.batches.c.batch_id).order_by(schema.batches.c.batch_id)),
            rows(connection, schema.deliveries),
        ]
    return _hash([built, sorted(checks), *decisions])


@cache
def code() -> str:
    """The hash of our own code, models and rules."""
    ours = [name for name in _SOURCES if (CODE / name).exists()]
    apart = [name for name in _SOURCES if name not in ours]  # the models of a wheel are not beside its code
    told: list[object] = [
        _contents(root, _files(root, names)) for root, names in ((CODE, ours), (models_root(), apart))
    ]
    return _hash(told)


def _own_rules(project: Project) -> str:
    """The hash of the rules a firm keeps in its project, and of what lies beside them."""
    folder = project.rules_path
    return _contents(folder, (path for path in folder.rglob("*") if path.suffix in _ENDINGS)) if folder else ""


def _contents(root: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(root: Path, names: Iterable[str]) -> Iterable[Path]:
    for name in names:
        source = root / name
        if source.is_dir():
            yield from (
                path for path in source.rglob("*")
                if path.suffix in _ENDINGS and "sandbox" not in path.relative_to(root).parts
            )  # fmt: skip
        elif source.is_file():
            yield source


def _but(table: Table, *names: str) -> list[Any]:
    return [column for column in table.columns if column.name not in names]


def _hash(parts: list[object]) -> str:
    return hashlib.sha256(to_json(parts).encode()).hexdigest()
