"""Opens DuckDB: everything Tieout computes with, or reads what was computed from, is opened here.

Plain `dbt build` opens the warehouse by itself; profiles.yml holds the same settings.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

__all__ = ["SETTINGS", "connect"]

#: What DuckDB 2.0 gets wrong is left out. With statistics it counts an outer join as without rows where they prove that
#: its other side has none, and reckons with that above it: `sum(amount) > 0` becomes false, and a limit disappears. And
#: where it gathers the rows of a join before they go on, it breaks off when texts that repeat themselves come with
#: another dictionary than the first ones ("global dictionary column changed identity"), now and then, in large firms.
SETTINGS: dict[str, str | bool] = {
    "disabled_optimizers": "statistics_propagation",
    "debug_enable_caching_operators": False,
}


def connect(
    path: Path | None = None, *, read_only: bool = False, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a file, or to a database in memory. A process opens one file with one number of threads."""
    config: dict[str, str | bool | int | float | list[str]] = {**SETTINGS}
    if threads is not None:
        config["threads"] = threads
    return duckdb.connect(":memory:" if path is None else str(path), read_only=read_only, config=config)
