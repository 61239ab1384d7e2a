"""The close date of a won deal was moved into the month before, to make that month's bookings.

Strikes at the end. Money: the value that was signed, in the currency of the deal.
"""

from __future__ import annotations

import datetime as dt

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._bookings import deal_record, deals
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/deal_redated"


def _inject(world: World, share: float) -> list[Truth]:
    rows = []
    for row in deals(world, share, _SALT).iter_rows(named=True):
        moved = row["closed_on"].replace(day=1) - dt.timedelta(days=3)
        set_rows(world, "salesforce.Opportunity", [row["id"]], "Id", {"CloseDate": moved})
        rows.append(
            fault_row(
                world, "K66", "period", row["amount"], row["iso"], [deal_record(row["id"])],
                at_fault="salesforce", action_kind="COMPLETE", owner="service_delivery", on=moved,
            )
        )  # fmt: skip
    return rows


FAULT = Fault(pattern="deal_redated", check="K66", stage="copied", rates=shares(0.002, 0.008, 0.03), inject=_inject)
