"""Noise: a flow that sends 3.83 hours where 3.8333 were worked. The difference is within a hundredth of an hour."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.faults._time import choose, received
from ingest.sandbox.ns_amounts import money
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = received(world).filter(~pl.col("billable"), pl.col("minutes") % 3 != 0)
    chosen = choose(world, rows, share, "noise/hours_in_two_decimals")
    if chosen.is_empty():
        return []
    cut = pl.col("minutes") * 100 // 60
    bills = chosen.select(id="timebill", short=money(cut))
    stamp(world, "netsuite.timebill", "id", bills, {"hours": "short"})
    records = [record("kantata", "time_entries", one) for one in chosen["id"].to_list()]
    return [{"records": records, "expected_status": "nothing"}]


FAULT = Fault(
    pattern="hours_in_two_decimals",
    check="K14",
    stage="integrated",
    rates=shares(0.001, 0.001, 0.001),
    inject=_inject,
    is_noise=True,
)
