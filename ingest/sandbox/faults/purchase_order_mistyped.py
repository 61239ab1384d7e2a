"""The customer's purchase order number was mistyped when the order was keyed: its invoices name one that nobody knows.

Strikes after the integration. Money: nothing by itself.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares
from ingest.sandbox.ns_orders import order_heads
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    named = world["netsuite.transaction"].filter(pl.col("otherrefnum").is_not_null()).select(order="id")
    heads = order_heads(world).join(named, on="order", how="semi").sort("order")
    chosen = pick(world, heads, share, salt="fault/purchase_order_mistyped", key="order", alone="sow_number")
    typed = pl.concat_str(pl.lit("PO-9"), pl.col("otherrefnum").str.slice(3))
    set_rows(world, "netsuite.transaction", chosen["order"].to_list(), "id", {"otherrefnum": typed})
    return [
        fault_row(
            world, "K10", "terms", hundredth(0), row["iso"],
            [record("salesforce", "Contract", row["contract"]), record("netsuite", "transaction", row["order"])],
            at_fault="netsuite", action_kind="COMPLETE", on=row["order_on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="purchase_order_mistyped", check="K10", stage="integrated", rates=shares(0.005, 0.02, 0.05), inject=_inject
)
