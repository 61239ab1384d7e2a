"""The close date of a won deal was moved into the month before, to make that month's bookings.

Strikes at the end. Money: the value that was signed, in the currency of the deal.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._bookings import deal_record, deals
from ingest.sandbox.faults._terms import fault_row, shares, stamp
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/deal_redated"


def _inject(world: World, share: float) -> list[Truth]:
    before = pl.col("closed_on").dt.month_start() - dt.timedelta(days=3)
    chosen = deals(world, share, _SALT).with_columns(before=before)
    stamp(world, "salesforce.Opportunity", "Id", chosen.rename({"id": "Id"}), {"CloseDate": "before"})
    return [
        fault_row(
            world, "K66", "period", row["amount"], row["iso"], [deal_record(row["id"])],
            at_fault="salesforce", action_kind="COMPLETE", owner="service_delivery", on=row["before"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(pattern="deal_redated", check="K66", stage="copied", rates=shares(0.002, 0.008, 0.03), inject=_inject)
