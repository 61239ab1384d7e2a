"""The amount of a won deal was overwritten after it was signed: sales added what it hopes to sell next.

Strikes at the end. Money: what was added, in the currency of the deal.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._bookings import deal_record, deals
from ingest.sandbox.faults._terms import fault_row, shares, stamp
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]

_SALT = "fault/deal_overwritten"


def _inject(world: World, share: float) -> list[Truth]:
    chosen = deals(world, share, _SALT)
    lot = pl.Series("_lot", draw(chosen["id"], f"{_SALT}/worth", world.firm.seed) * 40, dtype=pl.Float64)
    chosen = chosen.with_columns(added=(lot.floor().cast(pl.Int64) + 5) * 1000)
    hoped = chosen.select(Id="id", hoped=money(hundredths("amount") + pl.col("added") * 100))
    stamp(world, "salesforce.Opportunity", "Id", hoped, {"Amount": "hoped"})
    return [
        fault_row(
            world, "K66", "amount", Decimal(row["added"]), row["iso"], [deal_record(row["id"])],
            at_fault="salesforce", action_kind="COMPLETE", owner="service_delivery", on=row["closed_on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(pattern="deal_overwritten", check="K66", stage="copied", rates=shares(0.002, 0.01, 0.04), inject=_inject)
