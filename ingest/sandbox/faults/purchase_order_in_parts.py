"""The customer released a part of what was signed, and nine tenths of it are used.

Strikes at the end, in Salesforce: the purchase order of an agreement under way releases less than its version adds.
Money: nothing yet; it is a warning.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._billing import struck
from ingest.sandbox.faults._funding import funded, unfunded_row
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.ns_amounts import money
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/purchase_order_in_parts"


def _inject(world: World, share: float) -> list[Truth]:
    part = pl.col("used") * 10 // 9 // 100 * 100
    running = funded(world).filter(pl.col("version") == 1).with_columns(part=part)
    running = running.filter(pl.col("used") > 10_000, pl.col("part") < pl.col("signed"))
    chosen = pick(world, running, share, salt=_SALT, key="sow", alone="sow")
    world.taken.update(struck(sow) for sow in chosen["sow"].to_list())
    released = chosen.select(Id="order", released=money("part"))
    stamp(world, "salesforce.Order", "Id", released, {"PO_Amount__c": "released"})
    return [unfunded_row(world, row, 0) for row in chosen.iter_rows(named=True)]


FAULT = Fault(
    pattern="purchase_order_in_parts", check="K70", stage="copied", rates=shares(0.005, 0.02, 0.06), inject=_inject
)
