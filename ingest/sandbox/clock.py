"""Moments and days of long streams as text: each hour and each day there is, is written out once and looked up.

Formatting millions of moments one by one takes longer than everything else that writing a stream does.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingest.sandbox.firm import ZONE

__all__ = ["local", "looked_up"]

_HOUR = 3_600
_MINUTES = pl.Series([f"{second // 60:02d}:{second % 60:02d}" for second in range(_HOUR)])


def local(column: str) -> pl.Expr:
    """A moment in the firm's zone."""
    return pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)


def looked_up(frame: pl.DataFrame, schema: Mapping[str, pl.DataType], before: str, after: str) -> dict[str, pl.Expr]:
    """The text of the moments and days of a frame: column -> expression.

    A moment is written as `before`, its minutes and seconds, and `after`, patterns that hold no minutes: the zone of
    the firm is whole hours away from UTC. Columns that reach over more hours or days than the frame has rows are left
    out.
    """
    units = {
        column: pl.col(column).dt.epoch("d") if dtype == pl.Date else pl.col(column).dt.epoch("s") // _HOUR
        for column, dtype in schema.items()
        if dtype in (pl.Datetime, pl.Date)
    }
    lows, highs = (
        frame.select(units[column].min() for column in units),
        frame.select(units[column].max() for column in units),
    )
    texts = {}
    for column, unit in units.items():
        low, high = lows[column][0], highs[column][0]
        if low is None or high - low > frame.height:
            continue
        every = pl.DataFrame({"unit": pl.int_range(low, high + 1, eager=True, dtype=pl.Int64)})
        if schema[column] == pl.Date:
            texts[column] = _at(
                every.select(pl.col("unit").cast(pl.Int32).cast(pl.Date).dt.to_string("%Y-%m-%d")), unit - low
            )
        else:
            hours = every.select(at=(pl.col("unit") * (_HOUR * 1_000_000)).cast(pl.Datetime("us")))
            parts = [_at(hours.select(local("at").dt.to_string(pattern)), unit - low) for pattern in (before, after)]
            second = pl.col(column).dt.epoch("s") % _HOUR
            texts[column] = pl.concat_str(parts[0], pl.lit(_MINUTES).gather(second), parts[1])
    return {column: text.alias(column) for column, text in texts.items()}


def _at(texts: pl.DataFrame, place: pl.Expr) -> pl.Expr:
    return pl.lit(texts.to_series()).gather(place)
