"""Nobody reviewed the estimate of a success fee at the end of the quarter.

Strikes at the end, in Salesforce: the estimates of the last hundred days were never made; what counted of the one
before them counts still. Money: the amount last estimated.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults._variable import neglected, success_fees
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_STREAM = "salesforce.SOW_Variable__c"


def _inject(world: World, share: float) -> list[Truth]:
    since = world.as_of() - dt.timedelta(days=100)
    kept = world[_STREAM].filter(pl.col("Estimated_On__c") <= since).sort("Line_Key__c", "Estimated_On__c", "Id")
    before = kept.unique("Line_Key__c", keep="last", maintain_order=True).select(
        key="Line_Key__c", id="Id", likelihood="Likelihood__c", estimated_on="Estimated_On__c"
    )
    open_ = success_fees(world).filter(pl.col("resolved_on").is_null()).select("key", "sow", "iso", "fee", "likelihood")
    old = open_.join(before, on=["key", "likelihood"], how="inner").sort("key")
    chosen = pick(world, old, share, salt="fault/estimate_not_reviewed", key="key", alone="sow")
    never = pl.col("Line_Key__c").is_in(chosen["key"].implode()) & (pl.col("Estimated_On__c") > since)
    world[_STREAM] = world[_STREAM].filter(~never)
    return [neglected(world, row, "stale", row["fee"], at="salesforce") for row in chosen.iter_rows(named=True)]


FAULT = Fault(
    pattern="estimate_not_reviewed", check="K52", stage="copied", rates=shares(0.05, 0.2, 0.5), inject=_inject
)
