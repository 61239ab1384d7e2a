"""Building typed frames: a stream's columns in order, exact decimals from integers, moments from days and seconds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

__all__ = ["choose", "moments", "scaled", "typed"]

_DAY = 86_400


def typed(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The frame with exactly the columns of a stream, in order and typed; columns it lacks are null."""
    own = frame.schema
    if all(own.get(name) == kind for name, kind in schema.items()):
        return frame.select(list(schema))
    return frame.select(
        (pl.lit(None, dtype=kind).alias(name) if name not in own else pl.col(name) if own[name] == kind else
         pl.col(name).cast(kind))
        for name, kind in schema.items()
    )  # fmt: skip


def scaled(column: str | pl.Expr, decimals: int) -> pl.Expr:
    """An integer of minor units as the exact decimal it means: ``12345`` with two decimals is ``123.45``."""
    value = pl.col(column) if isinstance(column, str) else column
    whole, part = value.abs() // 10**decimals, value.abs() % 10**decimals
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    text = pl.concat_str(sign, whole.cast(pl.String), pl.lit("."), part.cast(pl.String).str.zfill(decimals))
    return text.cast(pl.Decimal(18, decimals))


def moments(days: np.ndarray, seconds: np.ndarray | float) -> np.ndarray:
    """Days (``datetime64[D]`` or day numbers) plus seconds of that UTC day, as ``datetime64[us]`` to the second."""
    whole = np.asarray(days).astype("datetime64[D]").astype(np.int64) * _DAY + np.asarray(seconds).astype(np.int64)
    return whole.astype("datetime64[s]").astype("datetime64[us]")


def choose(uniform: np.ndarray, shares: Mapping[str, float]) -> np.ndarray:
    """One of the names per uniform number, each as often as its share says (shares need not sum to one)."""
    names = np.array(list(shares), dtype=object)
    edges = np.cumsum(list(shares.values()))
    return names[np.minimum(np.searchsorted(edges / edges[-1], uniform, side="right"), len(names) - 1)]
