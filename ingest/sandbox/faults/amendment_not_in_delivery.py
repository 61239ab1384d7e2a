"""An amendment never reached delivery: its projects stand at the version before, at the old price and cap.

Strikes after delivery. Money: what the amendment changes, in absolute terms.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import (
    closed_agreements,
    fault_row,
    hundredth,
    projects,
    put_fields,
    shares,
    stamp,
    versions,
)
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    running = projects(world)
    amended = versions(world).join(running.select("sow", "workstream", "id"), on=["sow", "workstream"], how="inner")
    amended = amended.filter(~pl.col("sow").is_in(closed_agreements(world).implode()))
    chosen = pick(world, amended, share, salt="fault/amendment_not_in_delivery", key="sow", alone="sow")
    spaces_of = running.filter(pl.col("sow").is_in(chosen["sow"].implode()))["id"].implode()
    narrow = {
        "kantata.workspaces": pl.col("id").is_in(spaces_of),
        "kantata.custom_field_values": pl.col("subject_id").is_in(spaces_of),
    }
    with world.apart(narrow):
        _forget(world, running, chosen)
    return [
        fault_row(
            world, "K11", "sequence", hundredth(row["delta"]), row["CurrencyIsoCode"],
            [record("salesforce", "Contract", row["contract_id"]), record("kantata", "workspaces", row["id"])],
            at_fault="kantata", action_kind="REPLAY", consequences=("K09", "K10"), on=row["activated_at"].date(),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _forget(world: World, running: pl.DataFrame, chosen: pl.DataFrame) -> None:
    """Price, version and cap of projects as they were before the last version of their agreements."""
    prices = running.select("id", "price_in_cents", "currency_base_unit").join(chosen.select("id", "delta"), on="id")
    less = pl.col("price_in_cents") - pl.col("delta") * pl.col("currency_base_unit") // 100
    stamp(world, "kantata.workspaces", "id", prices.select("id", less=less), {"price_in_cents": "less"})
    put_fields(world, "SOW Version", chosen.select("sow", text=(pl.col("version") - 1).cast(pl.String)))
    cap = money(hundredths("NTE_Amount__c") - pl.col("delta")).cast(pl.String)
    capped = chosen.filter(pl.col("NTE_Amount__c").is_not_null())
    put_fields(world, "NTE Amount", capped.select("sow", text=cap))


FAULT = Fault(
    pattern="amendment_not_in_delivery", check="K11", stage="delivered", rates=shares(0.01, 0.06, 0.175), inject=_inject
)
