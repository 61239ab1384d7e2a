"""Writes what a query reads as one raw Parquet file: a row group at a time, in the order of the query.

DuckDB's own `COPY` is not used: where a query stops half-way it can wait for its writers forever (DuckDB 2.0).
Text that repeats itself is written as a dictionary and numbers into it, other text as it stands. Which is which, the
first row group tells; a writer that tries it anew for every column of every row group takes twice the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

__all__ = ["write"]

_ROW_GROUP = 122_880
#: What Parquet calls LZ4_RAW.
_COMPRESSION = "lz4"
#: Text is written as a dictionary when a value comes as often as this on average.
_REPEATS = 4


def write(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Writes a query as Parquet; returns its rows. What stops the query is raised as `duckdb.Error`."""
    batches = con.sql(query).to_arrow_reader(_ROW_GROUP)
    out, rows = None, 0
    try:
        for batch in _read(batches):
            out = out or parquet.ParquetWriter(
                path, batches.schema, compression=_COMPRESSION, use_dictionary=_repeating(batch)
            )
            out.write_batch(batch, row_group_size=_ROW_GROUP)
            rows += batch.num_rows
    finally:
        if out:
            out.close()
    if not out:
        parquet.write_table(batches.schema.empty_table(), path, compression=_COMPRESSION)
    return rows


def _read(batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches; Arrow wraps what stops a query, DuckDB's words in it."""
    try:
        yield from batches
    except (pa.ArrowException, OSError) as error:
        raise duckdb.Error(str(error)) from error


def _repeating(batch: pa.RecordBatch) -> list[str]:
    """The text columns whose values repeat themselves."""
    return [
        field.name
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if pa.types.is_string(field.type) and len(column.unique()) * _REPEATS <= len(column)
    ]
