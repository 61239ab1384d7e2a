"""What the patterns of balances share: where agreements stand after the last revenue run, and journals that move it."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.sandbox.fault import record
from ingest.sandbox.faults._ledger import earning, entry, journal_number, ledger_line, typed
from ingest.sandbox.ns_accounts import account_id
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_periods import close_of, month_of, period_table
from ingest.sandbox.world import World

__all__ = ["arrangement_record", "moved", "moved_records", "standing", "standing_asset"]


def standing(world: World, salt: str) -> pl.DataFrame:
    """Agreements with recognised revenue and their balances at the end of the last month with a revenue run.

    The columns of `earning`, with `on` the last day of that month, and in hundredths of document currency: deferred,
    asset, receivable, each in its natural direction; `moved` the month in which any of them moved last, `ends` the last
    day of the service.
    """
    balances = world.once("balances after the last run", _balances)
    close = close_of(world.firm)
    last_day = period_table(world.firm).filter(pl.col("month") == close.last_run)["end"].item()
    rows = earning(world, salt).join(balances, on="arrangement", how="inner", maintain_order="left")
    return rows.with_columns(on=pl.lit(last_day), month=pl.lit(close.last_run, dtype=pl.Int64))


def standing_asset(world: World) -> pl.DataFrame:
    """arrangement, asset (hundredths): contract assets at the end of the last month with a revenue run."""
    return _balances(world).select("arrangement", "asset")


def _balances(world: World) -> pl.DataFrame:
    """arrangement, deferred, asset, receivable, moved, ends."""
    close = close_of(world.firm)
    elements = world["netsuite.revenueelement"].select(
        "revenuearrangement", "revrecenddate", "returnofelement", element="id"
    )
    arrangements = world["netsuite.revenuearrangement"].select(createdfrom="id", made_from="id")
    accounts = {account_id("2400"): "deferred", account_id("1250"): "asset", account_id("1260"): "receivable"}
    heads = world["netsuite.transaction"].filter("posting", pl.col("type") != "FxReval").select(
        transaction="id", month=month_of("postingperiod")
    )  # fmt: skip
    postings = world["netsuite.transactionaccountingline"].filter(pl.col("account").is_in(list(accounts)), "posting")
    lines = world["netsuite.transactionline"].select(
        "transaction", "createdfrom", "custcol_rev_arrangement", element="revenueelement", transactionline="id",
        worth=hundredths("foreignamount"),
    )  # fmt: skip
    rows = (
        postings.select("transaction", "transactionline", "account")
        .join(heads, on="transaction", how="inner")
        .filter(pl.col("month") <= close.last_run)
        .join(lines, on=["transaction", "transactionline"], how="inner")
        .join(arrangements, on="createdfrom", how="left")
        .join(elements, on="element", how="left")
        .with_columns(
            arrangement=pl.coalesce("custcol_rev_arrangement", "made_from", "revenuearrangement"),
            position=pl.col("account").replace_strict(accounts, return_dtype=pl.String),
        )
    )
    worth = {
        name: pl.col("worth").filter(pl.col("position") == name).sum() for name in ("deferred", "asset", "receivable")
    }
    sums = rows.filter(pl.col("arrangement").is_not_null()).group_by("arrangement").agg(
        **(worth | {"deferred": -worth["deferred"]}), moved=pl.col("month").max()
    )  # fmt: skip
    ends = elements.filter(pl.col("returnofelement").is_null()).group_by(arrangement="revenuearrangement").agg(
        ends=pl.col("revrecenddate").max()
    )  # fmt: skip
    return sums.join(ends, on="arrangement", how="left").sort("arrangement")


def moved(world: World, rows: pl.DataFrame, block: int, debit: str, credit: str, memo: str) -> None:
    """Post a journal for each row that moves its worth between two accounts of its agreement."""
    typed(world, entry(rows, block, (debit, credit), memo))


def moved_records(row: dict[str, Any], block: int) -> list[dict[str, str]]:
    """What the journal of a row touches: its arrangement, and the two lines."""
    number = journal_number(block, row["number"])
    lines = [record("netsuite", "transactionaccountingline", ledger_line(number, line)) for line in (0, 1)]
    return [arrangement_record(row), *lines]


def arrangement_record(row: dict[str, Any]) -> dict[str, str]:
    """The arrangement of a row."""
    return record("netsuite", "revenuearrangement", row["arrangement"])
