"""Noise: a deal that was closed in the pipeline the day after it was signed, within the same month."""

from __future__ import annotations

import datetime as dt

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._bookings import deal_record, deals
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = []
    for row in deals(world, share, "noise/deal_closed_next_day").iter_rows(named=True):
        set_rows(
            world, "salesforce.Opportunity", [row["id"]], "Id", {"CloseDate": row["closed_on"] + dt.timedelta(days=1)}
        )
        rows.append({"records": [deal_record(row["id"])], "expected_status": "nothing"})
    return rows


FAULT = Fault(
    pattern="deal_closed_next_day",
    check="K66",
    stage="copied",
    rates=shares(0.02, 0.02, 0.02),
    inject=_inject,
    is_noise=True,
)
