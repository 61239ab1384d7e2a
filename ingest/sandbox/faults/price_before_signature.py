"""Delivery raised the price of a project for an amendment the customer has not signed.

Strikes after delivery: the projects of the agreement stand one version ahead. Money: the price beyond the signed value.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import (
    closed_agreements,
    fault_row,
    field_of,
    hundredth,
    projects,
    put_fields,
    shares,
    stamp,
)
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    known = field_of(world, "SOW Version").select("id", version="value")
    running = projects(world).join(known, on="id", how="inner").filter(
        pl.col("price_in_cents") > 0, ~pl.col("sow").is_in(closed_agreements(world).implode())
    )  # fmt: skip
    chosen = pick(world, running, share, salt="fault/price_before_signature", alone="sow")
    unit = pl.col("currency_base_unit")
    raised = pl.col("price_in_cents") // (unit * 10) * unit
    chosen = chosen.with_columns(more=raised * 100 // unit, raised=pl.col("price_in_cents") + raised)
    stamp(world, "kantata.workspaces", "id", chosen, {"price_in_cents": "raised"})
    ahead = (pl.col("version").cast(pl.Int64) + 1).cast(pl.String)
    put_fields(world, "SOW Version", chosen.select("sow", text=ahead))
    return [
        fault_row(
            world, "K11", "sequence", hundredth(row["more"]), row["currency"],
            [record("salesforce", "Contract", row["contract"]), record("kantata", "workspaces", row["id"])],
            at_fault="kantata", action_kind="REVERSE", consequences=("K09", "K10"), on=row["created_at"].date(),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="price_before_signature", check="K11", stage="delivered", rates=shares(0.002, 0.008, 0.03), inject=_inject
)
