"""What projects cost in the sandbox's NetSuite: labour journals, supplier bills, and accruals of bills not yet there.

At the end of each month the approved work of own staff is put on the projects it was done for, at the cost rate of each
entry, in the currency of the rate: one journal per subsidiary and currency, two lines a project, Dr labour cost / Cr
labour absorbed. Cost is added up per project and rounded once. Subcontractors are not in it: each supplier bills the
work of its people by subsidiary, currency and month, one line a project, Dr subcontractor cost / Cr accounts payable.
Of the last month some bills have not come: they are accrued, Dr subcontractor cost / Cr accrued supplier bills, and
reversed on the next day.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import (
    ACCRUED_BILLS,
    LABOUR_ABSORBED,
    LABOUR_COST,
    PAYABLE,
    SUBCONTRACTOR_COST,
    account_id,
)
from ingest.sandbox.ns_amounts import exchange, half_up, money, quantum
from ingest.sandbox.ns_documents import append, journal_postings
from ingest.sandbox.ns_ids import SUPPLIER_BILL, identity
from ingest.sandbox.ns_ledger import Journals, journal_headers
from ingest.sandbox.ns_links import currency_ids, subsidiary_ids
from ingest.sandbox.ns_orders import with_rate
from ingest.sandbox.ns_periods import close_of, month_ends
from ingest.sandbox.ns_revenue import journal_id
from ingest.sandbox.ns_work import approved_work, work_projects
from ingest.sandbox.world import World, draw

__all__ = [
    "accruals",
    "accrued_line",
    "bills",
    "labour",
    "labour_journals",
    "labour_line",
    "post_costs",
    "project_costs",
]

_LABOUR, _ACCRUAL, _REVERSAL = 10, 11, 12
#: Unique keys of the lines of labour journals, of bills and of accruals start here.
_LABOUR_KEYS, _BILL_KEYS, _ACCRUAL_KEYS = (number * 100_000_000_000_000_000 for number in (10, 30, 50))
_LATE = 0.7  # share of the bills of the last month that have not come, one at least


def post_costs(world: World) -> None:
    """Post the cost of every month whose revenue run is done."""
    rows = project_costs(world)
    for journals in (labour_journals(labour(rows)), _bill_journals(bills(rows)), _accrued(rows)):
        if journals.lines.height:
            append(world, journals)


def project_costs(world: World) -> pl.DataFrame:
    """One row a project, performing subsidiary, supplier (null: own staff), currency and month with approved work.

    subsidiary, base (of its books), job, sow, supplier, iso, currency, step, month, end (its last day), ran, time,
    worth (hundredths), rate_micro, is_late: the bill has not come.
    """
    rows = approved_work(world).join(work_projects(world), on="workspace_id", how="inner")
    rows = rows.group_by("performer", "supplier", "job", "sow", "iso", "month").agg(pl.col("time", "cost").sum())
    rows = rows.with_columns(step=quantum("iso")).with_columns(worth=half_up(pl.col("cost"), 100, pl.col("step")))
    rows = rows.filter(pl.col("worth") > 0).join(currency_ids(world), on="iso", how="inner")
    books = subsidiary_ids(world).select("subsidiary", "base", performer="subsidiary")
    rows = rows.join(books, on="performer", how="inner").join(month_ends(world.firm, 20), on="month", how="left")
    rows = rows.sort("month", "subsidiary", "currency", pl.col("job").cast(pl.Int64), "supplier", nulls_last=False)
    due = pl.col("supplier").is_not_null() & (pl.col("month") == close_of(world.firm).last_run)
    number = _bill_number()
    lot = pl.Series(draw(rows.select(number).to_series(), "supplier/late", world.firm.seed))
    rows = rows.with_columns(is_late=due & ((lot < _LATE) | (number == number.filter(due).min())))
    return with_rate(rows, world, "end").drop("performer", "cost")


def labour(rows: pl.DataFrame) -> pl.DataFrame:
    """Own staff of `project_costs`, with `transaction`: the month's journal."""
    return rows.filter(pl.col("supplier").is_null()).with_columns(transaction=journal_id(_LABOUR))


def bills(rows: pl.DataFrame) -> pl.DataFrame:
    """Work of subcontractors in `project_costs` that is billed, with `transaction` (the bill) and `line`."""
    came = rows.filter(pl.col("supplier").is_not_null(), ~pl.col("is_late"))
    return came.with_columns(transaction=identity(_bill_number()), line="job")


def accruals(rows: pl.DataFrame) -> pl.DataFrame:
    """Work of subcontractors in `project_costs` whose bill has not come.

    `transaction` and `reversal` are the journals that accrue it and take that back, `line` the line of the cost.
    """
    late = rows.filter(pl.col("supplier").is_not_null(), "is_late")
    return late.with_columns(transaction=journal_id(_ACCRUAL), reversal=journal_id(_REVERSAL), line=accrued_line(0))


def labour_line(side: int) -> pl.Expr:
    """The line of a project in its labour journal: 0 the cost, 1 what is absorbed."""
    return identity(pl.col("job").cast(pl.Int64) * 2 + side)


def accrued_line(side: int) -> pl.Expr:
    """The line of a project and supplier in an accrual: 0 the cost, 1 what is owed for it."""
    return identity((pl.col("job").cast(pl.Int64) * 1000 + _supplier()) * 2 + side)


def _supplier() -> pl.Expr:
    return pl.col("supplier").cast(pl.Int64) % 100_000 // 10


def _bill_number() -> pl.Expr:
    """The bill of a supplier, subsidiary, currency and month; of own staff whatever."""
    company = _supplier().fill_null(0) * 100 + pl.col("subsidiary").cast(pl.Int64)
    return SUPPLIER_BILL + (company * 100 + pl.col("currency").cast(pl.Int64)) * 1000 + pl.col("month") % 1000


def labour_journals(rows: pl.DataFrame) -> Journals:
    """The journals of rows of `labour`."""
    sides = ((LABOUR_COST, 1), (LABOUR_ABSORBED, -1))
    moves = pl.concat(
        rows.with_columns(
            line=labour_line(side), account=pl.lit(account_id(account)), amount=pl.col("worth") * sign, entity="job",
            key=_key(pl.lit(side)) + _LABOUR_KEYS, text=pl.lit("Labour ") + pl.col("sow"),
            day="end", posted="month", mainline=pl.lit(False),
        )
        for side, (account, sign) in enumerate(sides)
    )  # fmt: skip
    return _journals(_in_books(moves), pl.lit("Labour cost of projects"))


def _bill_journals(rows: pl.DataFrame) -> Journals:
    rows = rows.with_columns(
        account=pl.lit(account_id(SUBCONTRACTOR_COST)), amount="worth", entity="job",
        key=_key(_supplier()) + _BILL_KEYS, text=pl.lit("Subcontractors ") + pl.col("sow"),
        day="end", posted="month", mainline=pl.lit(False),
    )  # fmt: skip
    rows = _in_books(rows)
    totals = rows.group_by("transaction", maintain_order=True).agg(
        pl.all().exclude("amount", "in_base", "line", "entity", "account", "mainline", "text", "key").first(),
        amount=-pl.col("amount").sum(), in_base=-pl.col("in_base").sum(),
    )  # fmt: skip
    mains = totals.with_columns(
        line=pl.lit("0"), entity="supplier", account=pl.lit(account_id(PAYABLE)), mainline=pl.lit(True),
        text=pl.lit(None, dtype=pl.String), key=_key(_supplier(), job=0) + _BILL_KEYS,
    )  # fmt: skip
    moves = pl.concat([mains.select(rows.columns), rows])
    due = pl.col("day") + pl.duration(days=30)
    return _journals(
        moves, pl.lit("Subcontractors"), type=pl.lit("VendBill"), tranid=pl.lit("BILL") + pl.col("transaction"),
        entity="supplier", status=pl.lit("A"), duedate=due, foreignamountunpaid=money("total"),
    )  # fmt: skip


def _accrued(rows: pl.DataFrame) -> Journals:
    rows = accruals(rows)
    moves = pl.concat(
        rows.with_columns(
            transaction=own, reversal=other, line=accrued_line(side), account=pl.lit(account_id(account)),
            amount=pl.col("worth") * (sign if kind == _ACCRUAL else -sign), entity="job",
            key=_key((_supplier() * 2 + side) * 2 + (kind - _ACCRUAL)) + _ACCRUAL_KEYS,
            text=pl.lit("Bill to come ") + pl.col("sow"),
            day=pl.col("end") + pl.duration(days=kind - _ACCRUAL), posted=pl.col("month") + (kind - _ACCRUAL),
            back_on=pl.col("end") + pl.duration(days=1), is_back=pl.lit(kind == _REVERSAL),
            mainline=pl.lit(False),
        )
        for kind, own, other in ((_ACCRUAL, "transaction", "reversal"), (_REVERSAL, "reversal", "transaction"))
        for side, (account, sign) in enumerate(((SUBCONTRACTOR_COST, 1), (ACCRUED_BILLS, -1)))
    )  # fmt: skip
    return _journals(
        _in_books(moves), pl.lit("Accrual of supplier bills"), isreversal="is_back", reversal="reversal",
        reversaldate=pl.when(~pl.col("is_back")).then("back_on"),
    )  # fmt: skip


def _key(what: pl.Expr, job: int | None = None) -> pl.Expr:
    """A number of its own for a line of a project, subsidiary, currency and month; `what` tells it from the others."""
    project = pl.col("job").cast(pl.Int64) // 10 if job is None else pl.lit(job, dtype=pl.Int64)
    books = pl.col("subsidiary").cast(pl.Int64) * 100 + pl.col("currency").cast(pl.Int64)
    return ((project * 1000 + pl.col("month") % 1000) * 10_000 + books) * 4_000 + what


def _in_books(moves: pl.DataFrame) -> pl.DataFrame:
    """Adds what an amount is in the books of its subsidiary."""
    return moves.with_columns(in_base=exchange("amount", "rate_micro", quantum("base")))


def _journals(moves: pl.DataFrame, memo: pl.Expr, **more: pl.Expr | str) -> Journals:
    """Headers, lines and ledger rows of moves; `more` are fields of the headers."""
    heads = moves.group_by("transaction", maintain_order=True).agg(
        pl.all().exclude("amount").first(), total=pl.col("amount").filter(pl.col("amount") > 0).sum()
    )
    headers = journal_headers(heads, memo, day="day", made="ran", rate="rate_micro", month="posted", **more)
    return Journals(headers, _lines(moves), journal_postings(moves))


def _lines(moves: pl.DataFrame) -> pl.DataFrame:
    lines = moves.select(
        "transaction", "subsidiary", "mainline", "entity",
        id="line",
        uniquekey=identity(pl.col("key")),
        linesequencenumber=pl.int_range(pl.len()).over("transaction"),
        taxline=pl.lit(False),
        foreignamount=money("amount"),
        netamount=money("in_base"),
        memo="text",
        linelastmodifieddate="ran",
        custcol_supplier="supplier",
    )  # fmt: skip
    return conform("transactionline", lines)
