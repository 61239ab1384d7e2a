"""Half an hour is added to an entry after it was sent, and the change is never sent again.

Strikes after the integration. Money: the value of the entry as it is now less that of the hours in the ledger.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.faults._time import CONSEQUENCES, choose, entry_truth, received, worth_at
from ingest.sandbox.kantata_plans import retimed
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_ADDED = 30


def _inject(world: World, share: float) -> list[Truth]:
    rows = received(world).filter("billable", pl.col("price") > 0)
    chosen = choose(world, rows, share, "fault/time_edited_after_sync", with_room=True).with_columns(
        now=pl.col("minutes") + _ADDED, edited=pl.col("arrived") + dt.timedelta(hours=3)
    )
    chosen = chosen.with_columns(more=worth_at("price", "now") - pl.col("worth"))
    retimed(world, chosen.select("line_key", "step", "more", before="minutes", after="now"))
    stamp(world, "kantata.time_entries", "id", chosen, {"time_in_minutes": "now", "updated_at": "edited"})
    return [
        entry_truth(
            world,
            row,
            "K14",
            "quantity",
            row["more"],
            action_kind="REPLAY",
            consequences=CONSEQUENCES,
            timebill=row["timebill"],
        )
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="time_edited_after_sync",
    check="K14",
    stage="integrated",
    rates=shares(0.0001, 0.0005, 0.0025),
    inject=_inject,
)
