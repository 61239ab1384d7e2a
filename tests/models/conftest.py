"""Warehouses for tests of the models: one written by hand, row by row, and one of a whole clean firm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from app.build import DEFAULT_CONNECTIONS, build_models, default_claims, default_ownership, registers
from contracts.registry import discover


@pytest.fixture(scope="session")
def raw() -> Any:
    """`raw_warehouse`, `relations`, `built` and `VARIABLES`, for modules that write their own warehouse."""
    return SimpleNamespace(raw_warehouse=raw_warehouse, relations=relations, built=built, VARIABLES=VARIABLES)


Rows = Mapping[str, list[dict[str, Any]]]

VARIABLES = {
    "claims": default_claims(DEFAULT_CONNECTIONS),
    "registers": registers(DEFAULT_CONNECTIONS),
    "ownership": default_ownership(),
    "as_of": "2026-03-31",
    "base_currency": "USD",
    "time_zone": "America/New_York",
    "time_zones": dict.fromkeys(DEFAULT_CONNECTIONS, "America/New_York"),
}


def raw_warehouse(path: Path, rows: Rows, aside: list[tuple[str, str, str, int]] | None = None) -> None:
    """A warehouse with every raw stream, empty but for `rows`: ``{"kantata.users": [{...}]}``.

    A row may say `_row_id`, `_load_id` and `_op`; by default rows are numbered in order and belong to one load.
    `aside` are quarantined keys: connection, stream, key, row id.
    """
    with duckdb.connect(str(path)) as con:
        con.execute("create schema raw; create schema quarantine")
        for system in discover("ingest.systems", "SYSTEM").values():
            for stream in system.streams:
                columns = ", ".join(f'"{item.name}" varchar' for item in stream.fields)
                con.execute(
                    f'create table raw."{system.name}__{stream.name}" ({columns}, _row_id bigint, _connection varchar, '
                    "_load_id varchar, _op varchar, _source varchar, _source_row bigint, _row_hash ubigint, "
                    "_extra varchar)"
                )
        con.execute(
            "create table raw.watermarks (connection varchar, watermark timestamp, source varchar, time_zone varchar)"
        )
        con.execute(
            "create table quarantine.keys "
            "(connection varchar, stream varchar, key varchar, row_id bigint, load_id varchar)"
        )
        con.executemany("insert into quarantine.keys values (?, ?, ?, ?, 'aside')", aside or [("", "", "", 0)])
        number = 0
        for name, records in rows.items():
            system_name, _, stream_name = name.partition(".")
            for record in records:
                number += 1
                facts = {"_row_id": number, "_connection": system_name, "_load_id": "L1", "_op": "I", **record}
                names = ", ".join(f'"{column}"' for column in facts)
                marks = ", ".join("?" for _ in facts)
                con.execute(
                    f'insert into raw."{system_name}__{stream_name}" ({names}) values ({marks})', [*facts.values()]
                )


def relations(path: Path, tables: Mapping[str, tuple[str, list[dict[str, Any]]]], usual: Mapping[str, Any]) -> None:
    """A warehouse of what one model reads: columns of each relation and its rows; `usual` fills what they leave out."""
    with duckdb.connect(str(path)) as con:
        for schema in sorted({name.partition(".")[0] for name in tables}):
            con.execute(f"create schema {schema}")
        for name, (columns, rows) in tables.items():
            con.execute(f"create table {name} ({columns})")
            known = {item.split()[0] for item in columns.split(", ")}
            for row in rows:
                values = {key: value for key, value in {**usual, **row}.items() if key in known}
                marks = ", ".join("?" for _ in values)
                con.execute(f"insert into {name} ({', '.join(values)}) values ({marks})", [*values.values()])


@contextmanager
def built(
    folder: Path, tables: Mapping[str, tuple[str, list[dict[str, Any]]]], usual: Mapping[str, Any], models: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader of some models built over such a warehouse in a folder."""
    path = folder / "warehouse.duckdb"
    relations(path, tables, usual)
    build_models(path, VARIABLES, select=models)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def clean_firm(faultless_firm: Path) -> Path:
    """The warehouse of a small firm without faults."""
    from app.project import Project

    return Project.load(faultless_firm).warehouse


@pytest.fixture
def firm(clean_firm: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader of the clean firm."""
    with duckdb.connect(str(clean_firm), read_only=True) as con:
        yield con
