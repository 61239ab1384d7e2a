"""Noise: a deal that was closed in the pipeline the day after it was signed, within the same month."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._bookings import deal_record, deals
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = deals(world, share, "noise/deal_closed_next_day")
    later = chosen.select(Id="id", next_day=pl.col("closed_on") + dt.timedelta(days=1))
    stamp(world, "salesforce.Opportunity", "Id", later, {"CloseDate": "next_day"})
    return [{"records": [deal_record(one)], "expected_status": "nothing"} for one in chosen["id"].to_list()]


FAULT = Fault(
    pattern="deal_closed_next_day",
    check="K66",
    stage="copied",
    rates=shares(0.02, 0.02, 0.02),
    inject=_inject,
    is_noise=True,
)
