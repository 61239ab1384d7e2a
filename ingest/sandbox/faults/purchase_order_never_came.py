"""An amendment was signed and worked, and the customer never sent its purchase order.

Strikes at the end, in Salesforce: the order of the last amendment names no purchase order. Money: what is billed, and
ready to be billed, beyond what the other purchase orders release.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._billing import struck
from ingest.sandbox.faults._funding import funded, unfunded_row
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    worked = funded(world).with_columns(excess=pl.col("used") - pl.col("released") + pl.col("amount"))
    amended = worked.filter(pl.col("version") > 1, pl.col("excess") > 0)
    chosen = pick(world, amended, share, salt="fault/purchase_order_never_came", key="sow", alone="sow")
    world.taken.update(struck(sow) for sow in chosen["sow"].to_list())
    nothing = {"PoNumber": None, "PoDate": None, "PO_Amount__c": None}
    set_rows(world, "salesforce.Order", chosen["order"].to_list(), "Id", nothing)
    return [unfunded_row(world, row, row["excess"]) for row in chosen.iter_rows(named=True)]


FAULT = Fault(
    pattern="purchase_order_never_came", check="K70", stage="copied", rates=shares(0.02, 0.1, 0.3), inject=_inject
)
