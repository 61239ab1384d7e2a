"""Writes what is listed to a file: Excel, CSV or Parquet. Amounts stay exact decimals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from contracts.errors import ConfigError

__all__ = ["FORMATS", "write"]

FORMATS = (".xlsx", ".csv", ".parquet")


def write(frame: pl.DataFrame, path: Path, *, name: str) -> Path:
    """Write a frame in the format its file name asks for."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise ConfigError(f"{path.name}: no such format", where="--out", then=f"End the name in {', '.join(FORMATS)}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _written(frame, path, ending, name)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}", where="--out") from error
    return path


def _written(frame: pl.DataFrame, path: Path, ending: str, name: str) -> None:
    if ending == ".parquet":
        frame.write_parquet(path)
    elif ending == ".csv":
        _flat(frame).write_csv(path)
    else:
        decimals: dict[str | Any, Any] = {
            column: "#,##0.00" for column, kind in frame.schema.items() if kind.is_decimal()
        }
        _flat(frame).write_excel(path, worksheet=name[:31], column_formats=decimals, autofit=True, freeze_panes=(1, 0))


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists and structures as text: a cell holds one value."""
    nested = [column for column, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(
        pl.col(column).map_elements(lambda value: ", ".join(map(str, value)), return_dtype=pl.String)
        for column in nested
    )
