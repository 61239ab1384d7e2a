"""An amendment never reached delivery: its projects stand at the version before, at the old price and cap.

Strikes after delivery. Money: what the amendment changes, in absolute terms.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, field_of, hundredth, projects, set_field, set_rows, shares, versions
from ingest.sandbox.world import World

__all__ = ["FAULT", "put_version"]


def put_version(world: World, sow: list[str], version: int) -> None:
    """Write a version into all projects of an agreement."""
    spaces = projects(world).filter(pl.col("sow").is_in(sow))["id"]
    fields = field_of(world, "SOW Version").filter(pl.col("id").is_in(spaces.implode()))
    set_field(world, fields["value_id"].to_list(), str(version))


def _inject(world: World, share: float) -> list[Truth]:
    running = projects(world)
    amended = versions(world).join(running.select("sow", "workstream", "id"), on=["sow", "workstream"], how="inner")
    closed = field_of(world, "SOW Number").join(world["kantata.workspaces"].filter("archived"), on="id", how="semi")
    amended = amended.filter(~pl.col("sow").is_in(closed["value"].implode()))
    chosen = pick(world, amended, share, salt="fault/amendment_not_in_delivery", key="sow", alone="sow")
    rows: list[Truth] = []
    spaces_of = running.filter(pl.col("sow").is_in(chosen["sow"].implode()))["id"].implode()
    narrow = {
        "kantata.workspaces": pl.col("id").is_in(spaces_of),
        "kantata.custom_field_values": pl.col("subject_id").is_in(spaces_of),
    }
    for row in world.each(chosen, narrow):
        less = pl.col("price_in_cents") - pl.lit(row["delta"]) * pl.col("currency_base_unit") // 100
        set_rows(world, "kantata.workspaces", [row["id"]], "id", {"price_in_cents": less})
        put_version(world, [row["sow"]], row["version"] - 1)
        if row["NTE_Amount__c"] is not None:
            spaces = running.filter(pl.col("sow") == row["sow"])["id"]
            caps = field_of(world, "NTE Amount").filter(pl.col("id").is_in(spaces.implode()))
            old = row["NTE_Amount__c"] - hundredth(row["delta"])
            set_field(world, caps["value_id"].to_list(), str(old.quantize(Decimal("0.01"))))
        rows.append(
            fault_row(
                world,
                "K11",
                "sequence",
                hundredth(row["delta"]),
                row["CurrencyIsoCode"],
                [record("salesforce", "Contract", row["contract_id"]), record("kantata", "workspaces", row["id"])],
                at_fault="kantata",
                action_kind="REPLAY",
                consequences=("K09", "K10"),
                on=row["activated_at"].date(),
            )
        )
    return rows


FAULT = Fault(
    pattern="amendment_not_in_delivery", check="K11", stage="delivered", rates=shares(0.01, 0.06, 0.175), inject=_inject
)
