"""The transfer pages through approved time while the list moves, and skips whole pages: entries never arrive.

Strikes after the integration. Money: the value of each entry, hours x agreed rate; nothing where it is not billable.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults._time import CONSEQUENCES, entry_truth, received, reserve, settled_now
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]

_PAGE = 200


def _inject(world: World, share: float) -> list[Truth]:
    rows = received(world)
    wanted = settled_now(world, rows, share)
    order = rows.select("arrived", number=pl.col("id").cast(pl.Int64)).with_row_index("_place")
    pages = order.sort("arrived", "number").with_row_index("_at").with_columns(page=pl.col("_at") // min(_PAGE, wanted))
    numbers = pages["page"].unique().sort().cast(pl.Int64)
    lots = pl.DataFrame({"page": numbers, "_lot": draw(numbers, "fault/time_page_skipped", world.firm.seed)})
    skipped = pages.join(lots.with_columns(pl.col("page").cast(pl.UInt32)), on="page").sort("_lot", "_at").head(wanted)
    chosen = rows[skipped["_place"]].sort("id")
    reserve(world, chosen["id"])
    gone = pl.col("id").is_in(chosen["timebill"].implode())
    world["netsuite.timebill"] = world["netsuite.timebill"].filter(~gone)
    return [
        entry_truth(world, row, "K14", "missing_right", row["worth"], action_kind="REPLAY", consequences=CONSEQUENCES)
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="time_page_skipped", check="K14", stage="integrated", rates=shares(0.0004, 0.0045, 0.0225), inject=_inject
)
