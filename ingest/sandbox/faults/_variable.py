"""What the patterns of success fees share: their last estimates, of agreements that nothing struck."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.sandbox.fault import Truth, record
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.world import World

__all__ = ["neglected", "success_fees"]


def success_fees(world: World) -> pl.DataFrame:
    """The last estimate of each success fee: id, key, sow, iso, fee and won (hundredths), likelihood and its days."""
    rows = world["salesforce.SOW_Variable__c"].filter(~pl.col("IsDeleted")).sort("Line_Key__c", "Estimated_On__c", "Id")
    last = rows.unique("Line_Key__c", keep="last", maintain_order=True)
    return last.select(
        id="Id", key="Line_Key__c", sow=pl.col("Line_Key__c").str.extract(r"^(.*)/[^/]+$"), iso="CurrencyIsoCode",
        fee=hundredths("Estimate__c"), won=hundredths("Resolved_Amount__c"), likelihood="Likelihood__c",
        estimated_on="Estimated_On__c", resolved_on="Resolved_On__c",
    )  # fmt: skip


def neglected(world: World, row: dict[str, Any], break_type: str, money: int, *more: dict[str, str], at: str) -> Truth:
    """The break of a success fee that nobody looked after, or whose outcome the books lack."""
    return fault_row(
        world, "K52", break_type, hundredth(money), row["iso"],
        [record("salesforce", "SOW_Variable__c", row["id"]), *more],
        at_fault=at, action_kind="ROUTE", owner="revenue_accounting",
    )  # fmt: skip
