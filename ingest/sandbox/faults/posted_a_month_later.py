"""Noise: revenue planned for a month that was closed when it ran, posted in the next: the month posted in counts."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "noise/posted_a_month_later"


def _inject(world: World, share: float) -> list[Truth]:
    lines = world["netsuite.revenueplanplannedrevenue"].filter(
        "isrecognized", pl.col("plannedperiod") == pl.col("postingperiod")
    )
    chosen = pick(world, lines, share, salt=_SALT)
    year = pl.col("plannedperiod").cast(pl.Int64)
    earlier = pl.when(year % 100 == 1).then(year - 89).otherwise(year - 1).cast(pl.String)
    set_rows(world, "netsuite.revenueplanplannedrevenue", chosen["id"].to_list(), "id", {"plannedperiod": earlier})
    return [
        {"records": [record("netsuite", "revenueplanplannedrevenue", name)], "expected_status": "nothing"}
        for name in chosen["id"].to_list()
    ]


FAULT = Fault(
    pattern="posted_a_month_later",
    check="K54",
    stage="recognised",
    rates=shares(0.002, 0.002, 0.002),
    inject=_inject,
    is_noise=True,
)
