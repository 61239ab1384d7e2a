"""What the patterns of bookings share: won deals of signed agreements that nothing else struck."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import pick, record
from ingest.sandbox.world import World

__all__ = ["deal_record", "deals"]


def deals(world: World, share: float, salt: str) -> pl.DataFrame:
    """Won deals by lot: id, sow, iso, amount, closed_on, signed_on."""
    contracts = world["salesforce.Contract"].filter(~pl.col("IsDeleted")).select(
        ContractId="Id", sow="SOW_Number__c"
    )  # fmt: skip
    signed = world["salesforce.Order"].filter(
        pl.col("SOW_Version__c") == 1, pl.col("Signed_Date__c").is_not_null(), ~pl.col("IsDeleted")
    ).select("ContractId", signed_on="Signed_Date__c")  # fmt: skip
    won = world["salesforce.Opportunity"].filter("IsWon", ~pl.col("IsDeleted"))
    rows = won.join(contracts, on="ContractId", how="inner").join(signed, on="ContractId", how="inner")
    rows = rows.filter(pl.col("CloseDate") == pl.col("signed_on"), pl.col("signed_on") < pl.lit(world.as_of())).select(
        "sow", "signed_on", id="Id", iso="CurrencyIsoCode", amount="Amount", closed_on="CloseDate"
    )
    return pick(world, rows.sort("id"), share, salt=salt, alone="sow")


def deal_record(deal: str) -> dict[str, str]:
    """The deal, as a break names it."""
    return record("salesforce", "Opportunity", deal)
