"""What the patterns of balances in foreign currency share: whose they are, and how the truth names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ingest.sandbox.fault import Truth, record
from ingest.sandbox.faults._ledger import ledger_line
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.ns_accounts import account_id
from ingest.sandbox.ns_fx import REVALUED
from ingest.sandbox.ns_periods import close_of, month_of, period_name
from ingest.sandbox.world import World

__all__ = ["books_row", "line_of", "named_by", "owned"]


def owned(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `owner`: the agreement of an arrangement, or the account of a customer in the CRM."""
    sows = world["netsuite.transaction"].filter(pl.col("type") == "RevArrng").select(
        holder="id", sow="custbody_sow_number"
    )  # fmt: skip
    accounts = world["netsuite.customer"].select(holder="id", customer=pl.lit("customer/") + pl.col("id"))
    named = rows.join(sows, on="holder", how="left", maintain_order="left").join(
        accounts, on="holder", how="left", maintain_order="left"
    )
    is_receivable = pl.col("account") == REVALUED[0]
    return named.with_columns(owner=pl.when(is_receivable).then("customer").otherwise("sow"))


def line_of(world: World, row: Mapping[str, Any]) -> str:
    """The key of the line of the last revaluation that changes a balance, as it stands in the ledger."""
    heads = world["netsuite.transaction"].filter(
        pl.col("type") == "FxReval", pl.col("memo").str.starts_with("Unrealized"),
        pl.col("postingperiod") == period_name(row["month"]),
    ).select(transaction="id")  # fmt: skip
    lines = world["netsuite.transactionline"].filter(
        pl.coalesce("entity", "custcol_rev_arrangement") == row["holder"], pl.col("subsidiary") == row["subsidiary"]
    )
    ledger = world["netsuite.transactionaccountingline"].filter(pl.col("account") == account_id(row["account"]))
    mine = lines.join(heads, on="transaction", how="semi").join(
        ledger.select("transaction", id="transactionline"), on=["transaction", "id"], how="semi"
    )
    return ledger_line(mine["transaction"].item(), mine["id"].item())


def named_by(world: World, row: Mapping[str, Any]) -> dict[str, str]:
    """The record a break of the balance names: the latest invoice of a customer, the arrangement of an agreement."""
    if row["account"] != REVALUED[0]:
        return record("netsuite", "revenuearrangement", row["holder"])
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    invoices = world["netsuite.transaction"].filter(
        pl.col("type") == "CustInvc", "posting", pl.col("entity") == row["holder"],
        month_of("postingperiod") <= close_of(world.firm).last_run,
    ).join(iso, on="currency")  # fmt: skip
    mains = world["netsuite.transactionline"].filter("mainline", pl.col("subsidiary") == row["subsidiary"])
    mine = invoices.filter(pl.col("iso") != row["base"]).join(mains.select(id="transaction"), on="id", how="semi")
    latest = mine.sort("trandate", pl.col("id").cast(pl.Int64))["id"][-1]
    return record("netsuite", "transactionaccountingline", ledger_line(latest, 0))


def books_row(world: World, row: Mapping[str, Any], records: list[dict[str, str]]) -> Truth:
    """The truth about a balance that is off by the row's `amount`, in the currency of the books."""
    return fault_row(
        world, "K64", "fx", hundredth(row["amount"]), row["base"], records,
        at_fault="netsuite", action_kind="REVERSE_AND_REPOST",
    )  # fmt: skip
