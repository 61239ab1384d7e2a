"""What the patterns of backlog causes share: signed amendments that moved a backlog, and the type of their order.

They strike at the end, in Salesforce only: nothing downstream reads the type.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, set_rows
from ingest.sandbox.world import World

__all__ = ["relabelled"]


def relabelled(world: World, share: float, *, types: list[str], label: str | None, salt: str) -> list[Truth]:
    """Give orders of some types another one, or none: those that begin before what was signed first has ended."""
    contracts = world["salesforce.Contract"].filter(~pl.col("IsDeleted")).select(ContractId="Id", sow="SOW_Number__c")
    signed = world["salesforce.Order"].filter(
        pl.col("StatusCode") == "Activated", ~pl.col("IsDeleted"), pl.col("SOW_Version__c") > 1,
        pl.col("Type").is_in(types), pl.col("TotalAmount") > 0, pl.col("Signed_Date__c") < pl.lit(world.as_of()),
    )  # fmt: skip
    rows = signed.join(contracts, on="ContractId", how="inner").join(_first_ends(world), on="ContractId", how="inner")
    rows = rows.filter(pl.col("EffectiveDate") <= pl.col("first_end"))
    chosen = pick(world, rows, share, salt=salt, key="Id", alone="sow")
    set_rows(world, "salesforce.Order", chosen["Id"].to_list(), "Id", {"Type": label})
    return [
        fault_row(
            world, "K68", "unexplained", row["TotalAmount"], row["CurrencyIsoCode"],
            [record("salesforce", "Order", row["Id"])], at_fault="salesforce", action_kind="COMPLETE",
            on=row["Signed_Date__c"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _first_ends(world: World) -> pl.DataFrame:
    """ContractId, first_end: the last day of what the first version of each agreement sold."""
    firsts = world["salesforce.Order"].filter(pl.col("SOW_Version__c") == 1).select("ContractId", OrderId="Id")
    items = world["salesforce.OrderItem"].filter(~pl.col("IsDeleted")).select("OrderId", "EndDate")
    lines = items.join(firsts, on="OrderId", how="inner")
    return lines.group_by("ContractId").agg(first_end=pl.col("EndDate").max())
