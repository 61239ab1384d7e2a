"""The not-to-exceed amount of an agreement was lost when the order was keyed.

Strikes after the integration. Money: the signed cap.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.ns_orders import order_heads
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    heads = order_heads(world).filter(pl.col("nte").is_not_null())
    chosen = pick(world, heads, share, salt="fault/cap_lost", key="order", alone="sow_number")
    set_rows(world, "netsuite.transaction", chosen["order"].to_list(), "id", {"custbody_nte_amount": None})
    contracts = world["salesforce.Contract"].select(contract="Id", cap="NTE_Amount__c")
    chosen = chosen.join(contracts, on="contract", how="inner", maintain_order="left")
    return [
        fault_row(
            world, "K10", "terms", row["cap"], row["iso"],
            [record("salesforce", "Contract", row["contract"]), record("netsuite", "transaction", row["order"])],
            at_fault="netsuite", action_kind="COMPLETE", consequences=("K33",), on=row["order_on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(pattern="cap_lost", check="K10", stage="integrated", rates=shares(0.003, 0.02, 0.07), inject=_inject)
