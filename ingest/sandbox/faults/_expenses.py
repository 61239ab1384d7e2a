"""What the patterns on expenses share: posted lines of expense reports, and how they say what they did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Truth, expected
from ingest.sandbox.faults._terms import stamp
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.world import World

__all__ = ["expense_truth", "posted_expenses", "retotal"]

_SURE = dt.timedelta(days=6)


def posted_expenses(world: World) -> pl.DataFrame:
    """Posted lines of expense reports on projects nothing else struck: expense, key, transaction, amount, iso."""
    lines = world["netsuite.transactionline"].filter(
        pl.col("custcol_psa_expense_id").is_not_null(), ~pl.col("mainline")
    )
    heads = world["netsuite.transaction"].filter(pl.col("type") == "ExpRept", pl.col("posting"))
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    spent = world["kantata.expenses"].select(expense="id", workspace="workspace_id", spent_on="date")
    owned = world["kantata.custom_field_values"].filter(
        pl.col("subject_type") == "Workspace", pl.col("custom_field_name") == "SOW Number"
    )
    lost = owned.filter(world.is_taken("value"))["subject_id"].implode()
    rows = (
        lines.select(
            "transaction", expense="custcol_psa_expense_id", key="uniquekey", amount=hundredths("foreignamount")
        )
        .join(heads.select("currency", "createddate", transaction="id"), on="transaction", how="inner")
        .join(iso, on="currency", how="left")
        .join(spent, on="expense", how="inner")
        .filter(pl.col("createddate") < world.firm.watermark - _SURE, pl.col("amount") > 0)
    )
    free = ~world.is_taken("workspace") & ~pl.col("workspace").is_in(lost)
    return rows.filter(free, ~world.is_taken(pl.concat_str(pl.lit("report/"), "transaction"))).sort("expense", "key")


def retotal(world: World, reports: pl.Series) -> None:
    """Make the totals and the main lines of expense reports follow from their other lines."""
    lines = world["netsuite.transactionline"].filter(pl.col("transaction").is_in(reports.implode()))
    sums = lines.filter(~pl.col("mainline")).group_by("transaction").agg(
        foreign=hundredths("foreignamount").sum(), in_base=hundredths("netamount").sum()
    )  # fmt: skip
    mains = lines.filter("mainline").select("transaction", "uniquekey").join(sums, on="transaction", how="inner")
    mains = mains.with_columns(foreignamount=money(-pl.col("foreign")), netamount=money(-pl.col("in_base")))
    stamp(
        world, "netsuite.transactionline", "uniquekey", mains,
        {"foreignamount": "foreignamount", "netamount": "netamount"},
    )  # fmt: skip
    totals = sums.select(id="transaction", total=money("foreign"))
    stamp(world, "netsuite.transaction", "id", totals, {"foreigntotal": "total"})


def expense_truth(
    world: World, row: Mapping[str, object], break_type: str, records: list[dict[str, str]], action_kind: str
) -> Truth:
    """The truth about one struck expense."""
    want = expected(
        "K24",
        break_type,
        Decimal(str(row["amount"])) / 100,
        str(row["iso"]),
        records,
        at_fault="netsuite",
        owner="finance_operations",
        action_kind=action_kind,
    )
    return {
        "root": records[-1],
        "injected_on": str(row["createddate"])[:10],
        "visible_from": world.as_of().isoformat(),
        "expected": [want],
        "consequences": ["K46"],
    }
