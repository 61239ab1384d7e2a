"""What the patterns of the ledger share: agreements with recognised revenue, and journals that somebody typed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, TypeVar

import polars as pl

from ingest.sandbox.fault import pick
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import account_id
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_documents import append, manual_journals
from ingest.sandbox.ns_ids import ARRANGEMENT, BOOK, FREE, identity, unique_key
from ingest.sandbox.ns_ledger import Journals
from ingest.sandbox.ns_periods import month_of, period_name, period_table
from ingest.sandbox.world import World, draw, kept

__all__ = [
    "IDENTITY_FOLLOWS",
    "accrued",
    "amount_of",
    "earning",
    "entry",
    "in_books",
    "journal_number",
    "late_costs",
    "ledger_line",
    "pick_months",
    "posted_lines",
    "repeated_journal",
    "take_out",
    "typed",
    "units",
]

#: Checks of an agreement's balances that break where its identity does.
IDENTITY_FOLLOWS: tuple[str, ...] = ("K56", "K57", "K60", "K62", "K63", "K65")

_BLOCK = 100_000_000
#: The number of an agreement, or the column of it.
_Number = TypeVar("_Number", int, pl.Expr)


def earning(world: World, salt: str) -> pl.DataFrame:
    """Agreements with recognised revenue, each with one of its months by lot.

    arrangement, sow, subsidiary, currency (id), iso, base (iso of the books), job, number, month, on (its last day).
    """
    rows = _recognised_months(world)
    rows = rows.with_columns(_draw=pl.Series(draw(rows["id"], f"{salt}/month", world.firm.seed)))
    rows = rows.sort("_draw", "id").unique("arrangement", keep="first", maintain_order=True)
    return rows.drop("id", "_draw").sort("arrangement")


@kept
def _recognised_months(world: World) -> pl.DataFrame:
    """The columns of `earning` for every line of a schedule that was recognised, and its id."""
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
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    books = world["netsuite.subsidiary"].join(iso, on="currency").select(subsidiary="id", base="iso")
    rows = rows.with_columns(month=month_of("postingperiod"), number=pl.col("arrangement").cast(pl.Int64) - ARRANGEMENT)
    ends = period_table(world.firm).select("month", on="end")
    return (
        rows.join(iso, on="currency", how="left")
        .join(books, on="subsidiary", how="left")
        .join(ends, on="month", how="left")
        .select("id", "arrangement", "sow", "subsidiary", "currency", "iso", "base", "job", "number", "month", "on")
    )  # fmt: skip


def units(world: World, rows: pl.DataFrame, salt: str, low: int, high: int) -> pl.DataFrame:
    """The rows with `worth`: whole thousands between `low` and `high`, in hundredths."""
    lot = draw(rows["arrangement"], f"{salt}/worth", world.firm.seed)
    thousands = pl.Series("worth", lot * (high - low), dtype=pl.Float64).floor().cast(pl.Int64) + low
    return rows.with_columns(worth=thousands * 100_000)


def journal_number(block: int, number: _Number) -> _Number:
    """The number of the journal that a pattern types for an agreement's number; `block` keeps patterns apart."""
    return number + (FREE + block * _BLOCK)


def entry(
    rows: pl.DataFrame, block: int, accounts: tuple[str, str], memo: str, *, sign: int = 1, on: str = "on",
    tags: tuple[str, ...] = ("arrangement", "job"), **more: pl.Expr,
) -> pl.DataFrame:  # fmt: skip
    """A journal for each row, as its two lines: the row's worth from the second account to the first, or back.

    `on` is the column of the day, `tags` are what the lines name; `more` are columns of `manual_journals` besides.
    """
    named = {name: name if name in tags else pl.lit(None, dtype=pl.String) for name in ("arrangement", "job")}
    parts = [
        rows.with_row_index("_row").select(
            "_row", "subsidiary", "currency",
            _block=pl.lit(block),
            _line=pl.lit(line),
            transaction=identity(journal_number(block, pl.col("number"))),
            account=pl.lit(account_id(account)),
            amount=pl.col("worth") * (-sign if line else sign),
            tagged=named["arrangement"],
            job=named["job"],
            supplier=pl.lit(None, dtype=pl.String),
            day=on,
            memo=pl.lit(f"{memo} ") + pl.col("sow"),
            **more,
        )
        for line, account in enumerate(accounts)
    ]  # fmt: skip
    return pl.concat(parts)


def typed(world: World, *entries: pl.DataFrame, **heads: pl.Expr) -> Journals:
    """Put the journals of entries into the ledger, those of a row together; `heads` are other fields of their heads."""
    lines = pl.concat(entries).sort("_row", "_block", "_line").drop("_row", "_block", "_line")
    journals = manual_journals(world, lines)
    posting = heads.setdefault("posting", pl.lit(True))
    journals = Journals(
        conform("transaction", journals.transactions.with_columns(**heads)),
        journals.lines,
        journals.postings.with_columns(posting=posting),
    )
    append(world, journals)
    return journals


def accrued(world: World, rows: pl.DataFrame, block: int, reversals: int = 1) -> None:
    """For each row an accrual of unapproved time and its reversals on the next day, of which it names the first."""
    rows = rows.with_columns(next_day=pl.col("on") + dt.timedelta(days=1))
    first, second = (identity(journal_number(block + place, pl.col("number"))) for place in (0, 1))
    none, memo = pl.lit(None, dtype=pl.String), "Accrual of unapproved time"
    same: dict[str, Any] = {"accounts": ("1260", "4000"), "memo": memo, "tags": ("job",), "rated_on": pl.col("on")}
    entries = [entry(rows, block, reverses=none, **same)]
    for place in range(reversals):
        repeats = first if place else none
        entries.append(entry(rows, block + 1 + place, sign=-1, on="next_day", reverses=repeats, **same))
    firsts, seconds = (rows.select(id=one, other=other) for one, other in ((first, second), (second, first)))
    other = pl.concat([firsts, seconds])
    is_first, is_second = pl.col("id").is_in(firsts["id"].implode()), pl.col("id").is_in(seconds["id"].implode())
    typed(
        world, *entries, isreversal=is_second,
        reversal=pl.col("id").replace_strict(other["id"], other["other"], default=None, return_dtype=pl.String),
        reversaldate=pl.when(is_first).then(pl.col("trandate") + dt.timedelta(days=1)),
    )  # fmt: skip


def take_out(world: World, gone: pl.DataFrame) -> None:
    """Take lines (transaction, id) out of the ledger; what goes of a journal balances."""
    if gone.is_empty():
        return
    documents = gone["transaction"].unique().implode()
    for name, line in (("netsuite.transactionline", "id"), ("netsuite.transactionaccountingline", "transactionline")):
        frame = world[name]
        near = (
            frame.select("transaction", id=line).with_row_index("_row").filter(pl.col("transaction").is_in(documents))
        )
        rows = near.join(gone, on=["transaction", "id"], how="semi")["_row"]
        world[name] = frame.filter(pl.repeat(True, frame.height, eager=True).scatter(rows, False))


def ledger_line(number: int | str, line: int | str) -> str:
    """The key of a ledger line in the primary book."""
    return f"{BOOK}/{number}/{line}"


def in_books(rows: pl.DataFrame, journals: Journals, block: int, line: int) -> pl.DataFrame:
    """The rows with `in_books`: what a line of the journal typed for each is in the currency of the books."""
    amounts = journals.postings.filter(pl.col("transactionline") == str(line))
    return rows.with_columns(_journal=identity(journal_number(block, pl.col("number")))).join(
        amounts.select(_journal="transaction", in_books="netamount"), on="_journal", how="left", maintain_order="left"
    )


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
    apart = apart.filter(~world.is_taken("_books"))
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


def late_costs(world: World, share: float, salt: str, block: int, **heads: pl.Expr) -> pl.DataFrame:
    """Travel costs dated in a month that is closed, typed in the last days: the agreements' rows, with `in_books`."""
    closed = world["netsuite.accountingperiod"].filter(
        "closed", ~pl.col("isquarter"), ~pl.col("isyear")
    ).select(on="enddate")  # fmt: skip
    candidates = units(world, earning(world, salt).join(closed, on="on", how="semi"), salt, 1, 9)
    made = pl.lit(dt.datetime.combine(world.as_of() - dt.timedelta(days=2), dt.time(21, 10)))
    chosen = pick(world, candidates, share, salt=salt, key="arrangement")
    costs = entry(chosen, block, ("6100", "2100"), "Travel costs", tags=("job",))
    return in_books(chosen, typed(world, costs, createddate=made, lastmodifieddate=made, **heads), block, 0)
