"""People stay booked on a project longer than there are hours sold: a quarter more than is left, at least two days.

Strikes at the end. The bookings of a project are longer, their days stay. Money: what is planned less what is
contracted and not yet earned.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._plans import BOOKINGS, planned_lines, told
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = pick(world, planned_lines(world), share, salt="fault/booked_beyond_sold", key="line_key", alone="sow")
    chosen = chosen.with_columns(more=(pl.col("booked") // 4).clip(lower_bound=16 * 60))
    longer = world[BOOKINGS].join(chosen.select("more", id=pl.col("bookings").list.first()), on="id", how="inner")
    stamp(world, BOOKINGS, "id", longer.with_columns(pl.col("minutes") + pl.col("more")), {"minutes": "minutes"})
    return [told(world, row, row["booked"] + row["more"]) for row in chosen.iter_rows(named=True)]


FAULT = Fault(
    pattern="booked_beyond_sold", check="K67", stage="planned", rates=shares(0.005, 0.03, 0.1), inject=_inject
)
