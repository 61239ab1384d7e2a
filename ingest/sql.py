"""Small pieces of SQL the landing modules share: one row, the hash of a row."""

from __future__ import annotations

from typing import Any

import duckdb

__all__ = ["one", "row_hash"]


def row_hash(columns: list[str]) -> str:
    """The one place that says how a version of a row is told from another: 64 bits over its columns."""
    return f"hash({', '.join(columns)})"


def one(con: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> tuple[Any, ...] | None:
    """The first row of a query, the result used up: an open result blocks the connection for others."""
    rows = con.execute(query, parameters).fetchall()
    return rows[0] if rows else None
