"""What the patterns of the ledger share: agreements with recognised revenue, and journals that somebody typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_documents import Posting, append, manual_journal
from ingest.sandbox.ns_ids import ARRANGEMENT, BOOK, FREE
from ingest.sandbox.ns_ledger import Journals
from ingest.sandbox.ns_periods import period_table
from ingest.sandbox.world import World, draw

__all__ = ["amount_of", "earning", "in_books", "ledger_line", "posted_lines", "typed", "units"]

_BLOCK = 100_000_000


def earning(world: World, salt: str) -> pl.DataFrame:
    """Agreements with recognised revenue, each with one of its months by lot.

    arrangement, sow, subsidiary, currency (id), iso, base (iso of the books), job, number, month, on (its last day).
    """
    elements = world["netsuite.revenueelement"].filter(pl.col("returnofelement").is_null()).select(
        "subsidiary", "currency", arrangement="revenuearrangement", createdfrom="id", job="entity",
        sow=pl.col("custrecord_line_key").str.extract(r"^(.*)/\d+$"),
    )  # fmt: skip
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL")
    lines = world["netsuite.revenueplanplannedrevenue"].filter("isrecognized", pl.col("amount") > 0)
    rows = lines.select("id", "revenueplan", "postingperiod").join(
        plans.select("createdfrom", revenueplan="id"), on="revenueplan", how="inner"
    )
    rows = rows.join(elements, on="createdfrom", how="inner").filter(pl.col("sow").is_not_null())
    rows = rows.with_columns(_draw=pl.Series(draw(rows["id"], f"{salt}/month", world.firm.seed)))
    rows = rows.sort("_draw", "id").unique("arrangement", keep="first", maintain_order=True)
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    books = world["netsuite.subsidiary"].join(iso, on="currency").select(subsidiary="id", base="iso")
    year = pl.col("postingperiod").cast(pl.Int64)
    rows = rows.with_columns(
        month=year // 100 * 12 + year % 100 - 1, number=pl.col("arrangement").cast(pl.Int64) - ARRANGEMENT
    )
    ends = period_table(world.firm).select("month", on="end")
    return (
        rows.join(iso, on="currency", how="left")
        .join(books, on="subsidiary", how="left")
        .join(ends, on="month", how="left")
        .select("arrangement", "sow", "subsidiary", "currency", "iso", "base", "job", "number", "month", "on")
        .sort("arrangement")
    )  # fmt: skip


def units(world: World, rows: pl.DataFrame, salt: str, low: int, high: int) -> pl.DataFrame:
    """The rows with `worth`: whole thousands between `low` and `high`, in hundredths."""
    lot = draw(rows["arrangement"], f"{salt}/worth", world.firm.seed)
    thousands = pl.Series("worth", lot * (high - low), dtype=pl.Float64).floor().cast(pl.Int64) + low
    return rows.with_columns(worth=thousands * 100_000)


def typed(
    world: World, row: dict[str, Any], block: int, postings: Sequence[Posting], *, memo: str, on: dt.date | None = None,
    **more: Any,
) -> tuple[int, Journals]:  # fmt: skip
    """A journal typed for an agreement, in the ledger: its number and what it holds. `block` keeps patterns apart."""
    number = FREE + block * _BLOCK + row["number"]
    journals = manual_journal(
        world, number, on or row["on"], row["subsidiary"], row["currency"], postings, memo=memo, **more
    )
    append(world, journals)
    return number, journals


def ledger_line(number: int | str, line: int | str) -> str:
    """The key of a ledger line in the primary book."""
    return f"{BOOK}/{number}/{line}"


def in_books(journals: Journals, line: int) -> Decimal:
    """What a line of a journal is in the currency of the books, debit positive."""
    return journals.postings.filter(pl.col("transactionline") == str(line))["netamount"].item()


def amount_of(row: dict[str, Any]) -> Decimal:
    """The worth of a row in units of its currency."""
    return Decimal(row["worth"]) / 100


def posted_lines(world: World) -> pl.DataFrame:
    """Item lines of posted invoices that no credit memo corrects: transaction, uniquekey, sow, item, iso, worth."""
    lines = world["netsuite.transactionline"]
    heads = world["netsuite.transaction"].filter(pl.col("type") == "CustInvc", "posting", ~pl.col("voided"))
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    heads = heads.join(iso, on="currency", how="left").select("iso", "trandate", transaction="id")
    credited = lines.filter(pl.col("custcol_credited_line").is_not_null())["custcol_credited_line"].implode()
    own = lines.filter(
        ~pl.col("mainline"),
        ~pl.col("taxline"),
        pl.col("revenueelement").is_not_null(),
        ~pl.col("uniquekey").is_in(credited),
    )
    return own.join(heads, on="transaction", how="inner").select(
        "transaction", "uniquekey", "item", "iso", "trandate",
        sow=pl.col("custcol_line_key").str.extract(r"^(.*)/\d+$"), worth=-hundredths("foreignamount"),
    ).filter(pl.col("sow").is_not_null(), pl.col("worth") > 0).sort("uniquekey")  # fmt: skip
