"""What a system's own rules across fields object to, as the rows of it that are set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

__all__ = ["Objection", "violations"]

#: Field, rule, which rows are wrong, and why in words.
Objection = tuple[str, str, pl.Expr, str]

_VIOLATION = pl.Schema(
    {"row_id": pl.Int64, "field": pl.String, "rule": pl.String, "value": pl.String, "message": pl.String}
)


def violations(
    frame: pl.DataFrame, objections: Iterable[Objection], said: Callable[[str, str], pl.Expr]
) -> pl.DataFrame:
    """Row, field, rule, value and sentence of everything objected to; `said` words a field and why it is wrong."""
    found = [
        frame.filter(wrong.fill_null(value=False)).select(
            pl.col("_row_id").alias("row_id"),
            pl.lit(field).alias("field"),
            pl.lit(rule).alias("rule"),
            pl.col(field).cast(pl.String).alias("value"),
            said(field, why).alias("message"),
        )
        for field, rule, wrong, why in objections
    ]
    return pl.concat([_VIOLATION.to_frame(), *(one.cast(_VIOLATION) for one in found)])
