"""A project was made from a template and left at time and materials, though the work was sold otherwise.

Strikes after delivery; the ledger's project takes the type over. Money: the signed value of the workstream.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, field_of, hundredth, projects, set_field, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    types = field_of(world, "Billing Type")
    rows = projects(world).join(types, on="id", how="inner").filter(pl.col("value") != "T&M", pl.col("price") > 0)
    chosen = pick(world, rows, share, salt="fault/template_billing_type", alone="sow")
    set_field(world, chosen["value_id"].to_list(), "T&M")
    return [
        fault_row(
            world, "K10", "classification", hundredth(row["price"]), row["currency"],
            [record("salesforce", "Contract", row["contract"]), record("kantata", "workspaces", row["id"])],
            at_fault="kantata", action_kind="COMPLETE", on=row["created_at"].date(),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="template_billing_type", check="K10", stage="delivered", rates=shares(0.001, 0.008, 0.03), inject=_inject
)
