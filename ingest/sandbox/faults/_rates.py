"""What the patterns on rates share: other rates for billable time on time-and-materials lines, and what that costs."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.faults._time import choose, received, worth_at
from ingest.sandbox.world import World

__all__ = ["mispriced"]

_LOWER, _HIGHER = 89, 108


def mispriced(world: World, share: float, salt: str) -> pl.DataFrame:
    """Entries by lot with `wrong` (hundredths an hour) and `off`: their value less what is charged for them.

    Every fourth is too dear, the others too cheap.
    """
    rows = received(world).filter("billable", pl.col("price") > 1_000)
    chosen = choose(world, rows, share, salt, with_room=True)
    factor = pl.when(pl.col("id").cast(pl.Int64) % 4 == 0).then(_HIGHER).otherwise(_LOWER)
    priced = chosen.with_columns(wrong=pl.col("price") * factor // 10_000 * 100)
    return priced.with_columns(off=pl.col("worth") - worth_at("wrong")).filter(pl.col("off").abs() > pl.col("step"))
