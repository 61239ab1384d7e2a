"""The transfer pages through approved time while the list moves, and skips whole pages: entries never arrive.

Strikes after the integration. Money: the value of each entry, hours x agreed rate; nothing where it is not billable.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults._time import CONSEQUENCES, chosen, entry_truth, received, settled_now
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]

_PAGE = 200


def _inject(world: World, share: float) -> list[Truth]:
    rows = received(world).select("arrived", "id", "place").collect()
    wanted = settled_now(world, rows.height, share)
    pages = rows.sort("arrived", "id").with_row_index("_at").with_columns(page=pl.col("_at") // min(_PAGE, wanted))
    numbers = pages["page"].unique().sort().cast(pl.Int64)
    lots = pl.DataFrame({"page": numbers, "_lot": draw(numbers, "fault/time_page_skipped", world.firm.seed)})
    # Pages are full but the last one: so many hold all that is wanted.
    few = lots.with_columns(pl.col("page").cast(pl.UInt32)).sort("_lot", "page").head(wanted // min(_PAGE, wanted) + 2)
    skipped = pages.join(few, on="page").sort("_lot", "_at").head(wanted)
    lost = chosen(world, skipped["place"])
    gone = pl.col("id").is_in(lost["timebill"].implode())
    world["netsuite.timebill"] = world["netsuite.timebill"].filter(~gone)
    return [
        entry_truth(world, row, "K14", "missing_right", row["worth"], action_kind="REPLAY", consequences=CONSEQUENCES)
        for row in lost.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="time_page_skipped", check="K14", stage="integrated", rates=shares(0.0004, 0.0045, 0.0225), inject=_inject
)
