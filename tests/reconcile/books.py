"""Small books for the tests of the compiler: two relations of claims, made from plain rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any
from weakref import finalize

import duckdb

from app.database import connect
from reconcile.context import Connection, RunConfig
from reconcile.rule import Rule
from reconcile.run import run

__all__ = ["AS_OF", "COLUMNS", "CONFIG", "beside", "breaks", "firm", "load", "proofs", "reconcile", "warehouse"]

AS_OF = dt.date(2026, 3, 31)
CONFIG = RunConfig(
    base_currency="USD",
    connections=(
        Connection("salesforce", "salesforce", ("CRM",)),
        Connection("kantata", "kantata", ("PSA",)),
        Connection("netsuite", "netsuite", ("ERP", "REVREC")),
    ),
)
COLUMNS = {
    "source_id": "varchar",
    "thing_key": "varchar",
    "amount": "decimal(18,4)",
    "note": "varchar",
    "currency": "varchar",
    "period": "varchar",
    "project_id": "varchar",
    "work_on": "date",
    "cap": "decimal(18,4)",
    "claim_state": "varchar",
    "book": "varchar",
}
_ROLES = {"crm": ("salesforce", "CRM"), "psa": ("kantata", "PSA"), "erp": ("netsuite", "ERP")}


def load(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Make the relation `name` (crm, psa, erp) of claims; a row id is its place."""
    connection, role = _ROLES[name]
    columns = {"row_id": "bigint", "connection": "varchar", "role": "varchar", "object": "varchar", **COLUMNS}
    con.execute(f"create or replace table {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    filled = [
        {"currency": "USD", "claim_state": "ok", "source_id": str(place), **row} for place, row in enumerate(rows)
    ]
    values = [
        [place, connection, role, "thing", *(row.get(column) for column in COLUMNS)] for place, row in enumerate(filled)
    ]
    if values:
        holes = ", ".join(f"({', '.join('?' for _ in columns)})" for _ in values)
        con.execute(f"insert into {name} values {holes}", [value for row in values for value in row])


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """The DuckDB of this process: to start another takes it ten times as long as to give each test a database.

    Books this small have no work for a second thread.
    """
    return connect(threads=1)


_numbers = count()


def warehouse() -> duckdb.DuckDBPyConnection:
    """An empty warehouse of one's own: it is gone when nobody holds its connection any more."""
    name, con = f"books_{next(_numbers)}", _engine().cursor()
    con.execute(f"attach ':memory:' as {name}")
    con.execute(f"use {name}")
    finalize(con, _engine().execute, f"detach {name}")
    return con


def beside(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A second connection to the same warehouse: of somebody at work at the same time."""
    (name,) = con.execute("select current_database()").fetchone() or ("",)
    other = con.cursor()
    other.execute(f"use {name}")
    return other


def firm(**relations: Sequence[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    """A warehouse with the given relations."""
    con = warehouse()
    for name, rows in relations.items():
        load(con, name, rows)
    return con


def reconcile(con: duckdb.DuckDBPyConnection, *rules: Rule, run_id: str = "R1", **options: Any) -> Any:
    """Run rules over a warehouse."""
    settings = {"as_of": AS_OF, "config": CONFIG, **options}
    return run(con, rules, run_id=run_id, **settings)


def breaks(con: duckdb.DuckDBPyConnection, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    """Some columns of the breaks, in order."""
    return con.execute(f"select {columns} from recon.breaks where {where} order by all").fetchall()


def proofs(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """The proofs of all runs."""
    return con.execute("select * from recon.proofs order by all").fetchall()
