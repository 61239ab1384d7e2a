"""What the patterns of the ledger share: agreements with recognised revenue, and journals that somebody typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from ingest.sandbox.fault import pick
from ingest.sandbox.faults._terms import set_rows
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_documents import Posting, append, manual_journal
from ingest.sandbox.ns_ids import ARRANGEMENT, BOOK, FREE, unique_key
from ingest.sandbox.ns_ledger import Journals
from ingest.sandbox.ns_periods import month_of, period_name, period_table
from ingest.sandbox.world import World, draw

__all__ = [
    "IDENTITY_FOLLOWS",
    "amount_of",
    "each_typed",
    "earning",
    "in_books",
    "late_costs",
    "ledger_line",
    "pick_months",
    "posted_lines",
    "repeated_journal",
    "typed",
    "units",
]

#: Checks of an agreement's balances that break where its identity does.
IDENTITY_FOLLOWS: tuple[str, ...] = ("K56", "K57", "K60", "K62", "K63", "K65")

_BLOCK = 100_000_000
_JOURNALS = ("netsuite.transaction", "netsuite.transactionline", "netsuite.transactionaccountingline")


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
    rows = rows.with_columns(month=month_of("postingperiod"), number=pl.col("arrangement").cast(pl.Int64) - ARRANGEMENT)
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


def each_typed(world: World, chosen: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows one by one, each to get journals of its own by `typed`: what is in the ledger already is left aside."""
    return world.each(chosen, dict.fromkeys(_JOURNALS, pl.first().is_null()))


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


def pick_months(world: World, candidates: pl.DataFrame, share: float, salt: str) -> pl.DataFrame:
    """The agreements a journal on revenue strikes: one a company and month, where two would be one difference."""
    apart = candidates.unique(["subsidiary", "month"], keep="first", maintain_order=True)
    apart = apart.with_columns(_books=pl.format("books/{}/{}", "subsidiary", "month"))
    apart = apart.filter(~pl.col("_books").is_in(sorted(world.taken)))
    wanted = share * candidates.height / max(apart.height, 1)
    chosen = pick(world, apart, min(wanted, 1.0), salt=salt, key="arrangement", alone="sow")
    world.taken.update(chosen["_books"].to_list())
    return chosen.drop("_books")


def repeated_journal(world: World, row: dict[str, Any], block: int) -> tuple[int, Journals]:
    """What revenue recognition posted for an agreement in its month, posted once more an hour later."""
    number = FREE + block * _BLOCK + row["number"]
    month = period_name(row["month"])
    heads = world["netsuite.transaction"].filter(
        pl.col("type") == "Journal", pl.col("postingperiod") == month, pl.col("memo") == "Revenue recognition"
    )
    lines = world["netsuite.transactionline"].filter(
        pl.col("transaction").is_in(heads["id"].implode()), pl.col("createdfrom") == row["arrangement"]
    )
    keys = lines.select("transaction", transactionline="id")
    postings = world["netsuite.transactionaccountingline"].join(keys, on=["transaction", "transactionline"], how="semi")
    copy = pl.lit(str(number))
    later = pl.duration(hours=1)
    head = heads.filter(pl.col("id") == lines["transaction"][0]).with_columns(
        id=copy,
        tranid=pl.lit(f"JE{number}"),
        foreigntotal=lines.filter(pl.col("foreignamount") > 0)["foreignamount"].sum(),
        createddate=pl.col("createddate") + later,
        lastmodifieddate=pl.col("lastmodifieddate") + later,
    )
    again = lines.sort("linesequencenumber").with_columns(
        transaction=copy, _line=pl.int_range(pl.len()).cast(pl.String)
    )
    renamed = again.select(transactionline="id", _line="_line")
    again = again.with_columns(id="_line", linesequencenumber=pl.col("_line").cast(pl.Int64)).drop("_line")
    again = again.with_columns(uniquekey=unique_key("transaction", "id"))
    copied = postings.join(renamed, on="transactionline").with_columns(transaction=copy, transactionline="_line")
    columns = world["netsuite.transactionaccountingline"].columns
    schema = world["netsuite.transaction"].schema
    journals = Journals(head.cast(dict(schema)), again, copied.select(columns))  # type: ignore[arg-type]
    append(world, journals)
    return number, journals


def late_costs(world: World, share: float, salt: str, block: int) -> Iterator[tuple[dict[str, Any], int, Journals]]:
    """Travel costs dated in a month that is closed, typed in the last days: the agreement's row, number and journal."""
    closed = world["netsuite.accountingperiod"].filter(
        "closed", ~pl.col("isquarter"), ~pl.col("isyear")
    ).select(on="enddate")  # fmt: skip
    candidates = units(world, earning(world, salt).join(closed, on="on", how="semi"), salt, 1, 9)
    made = dt.datetime.combine(world.as_of() - dt.timedelta(days=2), dt.time(21, 10))
    for row in each_typed(world, pick(world, candidates, share, salt=salt, key="arrangement")):
        postings = (Posting("6100", row["worth"], job=row["job"]), Posting("2100", -row["worth"], job=row["job"]))
        number, journals = typed(world, row, block, postings, memo=f"Travel costs {row['sow']}")
        stamps = {"createddate": made, "lastmodifieddate": made}
        set_rows(world, "netsuite.transaction", [str(number)], "id", stamps)
        yield row, number, journals
