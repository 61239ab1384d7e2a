"""Roles were taken out of the plan of a project under way: its hours are sold, and nobody is booked to work them.

Strikes at the end. Of the bookings of a project the later half is gone, at least one. Money: what the project lacks of
what is contracted and not yet earned.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._plans import BOOKINGS, planned_lines, told
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = planned_lines(world).filter(pl.col("booked") >= 40 * 60)
    chosen = pick(world, rows, share, salt="fault/roles_removed", key="line_key", alone="sow")
    truth, gone = [], []
    minutes = dict(world[BOOKINGS].select("id", "minutes").iter_rows())
    for row in chosen.to_dicts():
        removed = row["bookings"][len(row["bookings"]) // 2 :]
        gone += removed
        truth.append(told(world, row, row["booked"] - sum(minutes[one] for one in removed)))
    world[BOOKINGS] = world[BOOKINGS].filter(~pl.col("id").is_in(gone))
    return truth


FAULT = Fault(pattern="roles_removed", check="K67", stage="planned", rates=shares(0.01, 0.05, 0.15), inject=_inject)
