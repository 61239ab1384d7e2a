"""Noise: an amendment was signed hours before the extract; nobody downstream can have it yet.

Strikes at the end, in Salesforce only: one more activated order that raises a time-and-materials line by ten hours. The
version is late, not lost: a timing break, and no other check may speak.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import projects, shares
from ingest.sandbox.salesforce_ids import salesforce_ids
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_HOURS = Decimal(10)


def _inject(world: World, share: float) -> list[Truth]:
    running = projects(world).filter(pl.col("NTE_Amount__c").is_null()).select(ContractId="contract").unique()
    orders = world["salesforce.Order"].filter(~pl.col("IsDeleted"))
    last = orders.sort("ContractId", "SOW_Version__c").unique("ContractId", keep="last", maintain_order=True)
    items = world["salesforce.OrderItem"].filter(
        ~pl.col("IsDeleted"),
        pl.col("Billing_Type__c") == "T&M",
        pl.col("UnitPrice") > 0,
        pl.col("OriginalOrderItemId").is_null(),
    )
    firsts = items.join(orders.select("ContractId", OrderId="Id"), on="OrderId", how="inner")
    firsts = firsts.sort("Line_Key__c").unique("ContractId", keep="first", maintain_order=True)
    candidates = (
        last.filter(pl.col("StatusCode") == "Activated", ~pl.col("IsReductionOrder"))
        .join(running, on="ContractId", how="inner")
        .join(firsts.select("ContractId", line="Line_Key__c"), on="ContractId", how="inner")
        .with_columns(sow=pl.col("line").str.extract(r"^(.*)/\d+$"))
    )
    chosen = pick(world, candidates, share, salt="noise/amendment_signed_today", key="Id", alone="sow")
    signed_at = world.firm.watermark - dt.timedelta(hours=3)
    numbers = np.arange(chosen.height, dtype=np.int64) + 40_000_000
    stamp = pl.lit(signed_at, dtype=pl.Datetime("us"))
    added = chosen.with_columns(
        pl.Series("Id", salesforce_ids("801", numbers), dtype=pl.String),
        SOW_Version__c=pl.col("SOW_Version__c") + 1, Signed_Date__c=pl.lit(signed_at.date()), ActivatedDate=stamp,
        EffectiveDate=pl.lit(world.as_of()), CreatedDate=stamp, LastModifiedDate=stamp, SystemModstamp=stamp,
        OrderNumber=pl.concat_str(pl.lit("T"), pl.col("OrderNumber")), Type=pl.lit("Upsell"),
    )  # fmt: skip
    lines = firsts.join(added.select("ContractId", new_order="Id"), on="ContractId", how="inner")
    lines = lines.with_columns(
        pl.Series("new_id", salesforce_ids("802", numbers[: lines.height]), dtype=pl.String),
        OriginalOrderItemId="Id", OrderId="new_order", Quantity=pl.lit(_HOURS).cast(lines.schema["Quantity"]),
        TotalPrice=(pl.col("UnitPrice") * 10).cast(lines.schema["TotalPrice"]), ServiceDate=pl.lit(world.as_of()),
        Planned_Hours__c=pl.lit(_HOURS).cast(lines.schema["Planned_Hours__c"]),
        CreatedDate=stamp, LastModifiedDate=stamp, SystemModstamp=stamp,
    ).with_columns(Id="new_id")  # fmt: skip
    sums = lines.select("TotalPrice", Id="new_order")
    added = added.drop("TotalAmount").join(
        sums.rename({"TotalPrice": "TotalAmount"}), on="Id", how="left", maintain_order="left"
    )
    for name, more in (("salesforce.Order", added), ("salesforce.OrderItem", lines)):
        schema = world[name].schema
        world[name] = pl.concat(
            [world[name], more.select(pl.col(column).cast(kind) for column, kind in schema.items())]
        )
    return [
        {"records": [record("salesforce", "Contract", one)], "expected_status": "timing"}
        for one in added["ContractId"].to_list()
    ]


FAULT = Fault(
    pattern="amendment_signed_today", check="K11", stage="copied", rates=shares(0.005, 0.01, 0.02), inject=_inject,
    is_noise=True,
)  # fmt: skip
