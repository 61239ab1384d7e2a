"""What the patterns of purchase orders share: agreements that need them, and how much of what they release is used."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from ingest.sandbox.fault import Truth, record
from ingest.sandbox.faults._billing import billed_right
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.world import World

__all__ = ["funded", "unfunded_row", "used_by_agreement"]


def used_by_agreement(world: World) -> pl.DataFrame:
    """sow, used (hundredths): posted invoice lines less credits, and charges ready to be billed, of agreement lines."""
    posted = world["netsuite.transaction"].filter(
        pl.col("type").is_in(["CustInvc", "CustCred"]), "posting", ~pl.col("voided")
    )
    lines = world["netsuite.transactionline"].filter(
        ~pl.col("mainline"), ~pl.col("taxline"), pl.col("custcol_line_key").is_not_null()
    )
    billed = lines.join(posted.select(transaction="id"), on="transaction", how="semi").select(
        line_key="custcol_line_key", worth=-hundredths("foreignamount")
    )
    orders = world["netsuite.transactionline"].select(
        salesorder="transaction", salesorderline="id", line_key="custcol_line_key"
    )
    ready = world["netsuite.charge"].filter(pl.col("stage") == "Ready").join(
        orders, on=["salesorder", "salesorderline"], how="inner"
    ).select("line_key", worth=hundredths("amount"))  # fmt: skip
    return (
        pl.concat([billed, ready.filter(pl.col("line_key").is_not_null())])
        .group_by(sow=pl.col("line_key").str.extract(r"^(.*)/\d+$"))
        .agg(used=pl.col("worth").sum())
    )


def funded(world: World) -> pl.DataFrame:
    """Agreements that need purchase orders, signed a month ago at least, which nothing struck, with what is used.

    contract, sow, iso, signed, released, used (hundredths), and of the last version with a purchase order: order,
    version, number, amount (hundredths).
    """
    orders = world["salesforce.Order"].filter(
        pl.col("PoNumber").is_not_null(), pl.col("StatusCode") == "Activated", ~pl.col("IsDeleted")
    ).sort("ContractId", "SOW_Version__c")  # fmt: skip
    last = orders.group_by(contract="ContractId").agg(
        released=hundredths("PO_Amount__c").sum(),
        order=pl.col("Id").last(),
        version=pl.col("SOW_Version__c").last(),
        amount=hundredths("PO_Amount__c").last(),
        signed_on=pl.col("Signed_Date__c").last(),
    )
    contracts = world["salesforce.Contract"].filter("PO_Required__c", ~pl.col("IsDeleted")).select(
        contract="Id", sow="SOW_Number__c", iso="CurrencyIsoCode", signed=hundredths("Contract_Value__c")
    )  # fmt: skip
    rows = last.join(contracts, on="contract", how="inner").join(used_by_agreement(world), on="sow", how="inner")
    rows = rows.filter(pl.col("signed_on") < world.as_of() - dt.timedelta(days=30))
    return billed_right(world, rows.with_columns(used=pl.min_horizontal("used", "signed"))).sort("sow")


def unfunded_row(world: World, row: dict[str, Any], excess: int) -> Truth:
    """The break of an agreement whose purchase orders release too little."""
    return fault_row(
        world, "K70", "overrun", hundredth(excess), row["iso"],
        [record("salesforce", "Contract", row["contract"]), record("salesforce", "Order", row["order"])],
        at_fault="salesforce", action_kind="ROUTE", owner="service_delivery", on=row["signed_on"],
    )  # fmt: skip
