"""Success fees in the sandbox's NetSuite: an element of the arrangement for each, with what counts of it.

Revenue accounting keeps these elements by what the CRM says: an estimate counts, and is earned, in the month from which
it is likely; the outcome in the month in which it became known.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.ns_accounts import OUTCOME_ITEM, item_accounts
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_ids import ORDER, identity
from ingest.sandbox.ns_periods import month_number
from ingest.sandbox.world import World

__all__ = ["LIKELY", "UNTOLD", "counted", "variable_facts"]

#: Where a world remembers whose outcome revenue accounting was never told: key (Line_Key__c).
UNTOLD = "outcomes nobody passed on"

#: The line number that stands for the success fee of an order in the numbers of elements.
_LINE = 991
#: From here on an estimate counts (US GAAP).
LIKELY = ["Probable", "Highly Probable", "Certain"]


def counted(world: World) -> pl.DataFrame:
    """What of each success fee counts from which month on, as revenue accounting knows it: key, sow, month, worth.

    `worth` is what the month adds to the months before it; a success fee of which nothing counts has one row without.
    """
    rows = world["salesforce.SOW_Variable__c"].filter(~pl.col("IsDeleted")).sort("Line_Key__c", "Estimated_On__c", "Id")
    key = pl.col("Line_Key__c").alias("key")
    likely = pl.when(pl.col("Likelihood__c").is_in(LIKELY)).then(hundredths("Estimate__c")).otherwise(0)
    estimates = rows.select(key, month=month_number("Estimated_On__c"), reached=likely)
    known = rows.filter(pl.col("Resolved_On__c").is_not_null())
    untold = world.shared.get(UNTOLD)
    if untold is not None:
        known = known.filter(~pl.col("Line_Key__c").is_in(untold["key"].implode()))
    outcomes = known.select(key, month=month_number("Resolved_On__c"), reached=hundredths("Resolved_Amount__c"))
    every = pl.concat([estimates, outcomes]).sort("key", "month", maintain_order=True).with_columns(
        worth=pl.col("reached") - pl.col("reached").shift(1, fill_value=0).over("key")
    )  # fmt: skip
    return every.select("key", "month", "worth", sow=pl.col("key").str.extract(r"^(.*)/[^/]+$"))


def variable_facts(world: World, own: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The elements of success fees as facts like `own` (those of order lines), and element, month, worth of revenue."""
    item = item_accounts(world["netsuite.item"]).filter(pl.col("item") == OUTCOME_ITEM)
    firsts = own.filter(pl.col("line_key").is_not_null()).sort("order", pl.col("element").cast(pl.Int64)).unique(
        "order", keep="first", maintain_order=True
    )  # fmt: skip
    ends = own.group_by("order").agg(end=pl.col("end").max())
    months = counted(world)
    fees = months.group_by("key", "sow").agg(value=pl.col("worth").sum()).sort("key")
    rows = firsts.drop("item", "income_account", "rule", "plans_on", "end", "value", "line_key").join(
        fees, left_on="sow_number", right_on="sow", how="inner", maintain_order="left"
    )
    rows = rows.join(item, how="cross").join(ends, on="order", how="left", maintain_order="left")
    facts = rows.with_columns(
        element=identity((pl.col("order").cast(pl.Int64) - ORDER) * 1000 + _LINE),
        quantity=pl.lit(1).cast(pl.Decimal(12, 4)),
        line_key=pl.col("key"),
        reference=pl.lit(None, dtype=pl.String),
        source=pl.lit("Variable consideration ") + pl.col("key"),
        source_type=pl.lit("variable"),
        planned_minutes=pl.lit(0, dtype=pl.Int64),
    )
    earned = facts.select("element", "made", "key").join(months, on="key", how="inner")
    earned = earned.with_columns(month=pl.max_horizontal("month", "made")).group_by("element", "month").agg(
        pl.col("worth").sum()
    )  # fmt: skip
    return facts.select(own.columns), earned.filter(pl.col("worth") != 0).sort("element", "month")
