"""The general ledger of the sandbox's NetSuite: what each document and each journal posts, in the primary book.

A transaction line's `netamount` is its posting in the subsidiary's currency, debit positive, and the lines of a
document add up to nothing; so the ledger of documents is a matter of accounts. Journals are made here: revenue (Dr
deferred revenue, Cr revenue, a pair per plan line at its rate of exchange), the month-end reclassification of revenue
ahead of billing (Dr contract asset, Cr deferred revenue, the last one reversed), and the firm's own move of its
time-only part to unbilled receivable.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import TIME_ONLY_RULES, account_id, item_accounts
from ingest.sandbox.ns_amounts import exchange, hundredths, micro_rate, money
from ingest.sandbox.ns_ids import ARRANGEMENT, BOOK, identity
from ingest.sandbox.ns_orders import with_rate
from ingest.sandbox.ns_periods import close_of, month_ends, month_of, period_id
from ingest.sandbox.ns_revenue import Revenue, at_line_rates, journal_id
from ingest.sandbox.world import World

__all__ = [
    "Journals",
    "ahead_of_billing",
    "gl_for_documents",
    "journal_headers",
    "journals_of",
    "post_history",
    "reclass_postings",
    "revenue_postings",
]

_LINE_KEYS = 100_000_000_000_000_000  # unique keys of journal lines start here
_RECLASS, _UNBILLED = 1, 2
_LINES_OF_A_PAYMENT = {"0": "1000", "1": "1100", "2": "7800"}


@dataclass(frozen=True)
class Journals:
    """Journals with their lines and postings."""

    transactions: pl.DataFrame
    lines: pl.DataFrame
    postings: pl.DataFrame


def post_history(world: World, revenue: Revenue) -> None:
    """Post everything: documents first, then the journals of every month whose run is done."""
    documents = gl_for_documents(
        world["netsuite.transaction"], world["netsuite.transactionline"], world["netsuite.item"]
    )
    moves = pl.concat([revenue_postings(world, revenue), reclass_postings(world, revenue)])
    journals = journals_of(world, moves)
    world["netsuite.transaction"] = pl.concat([world["netsuite.transaction"], journals.transactions])
    world["netsuite.transactionline"] = pl.concat([world["netsuite.transactionline"], journals.lines])
    world["netsuite.transactionaccountingline"] = pl.concat([documents, journals.postings])


def gl_for_documents(transactions: pl.DataFrame, lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The postings of invoices, credit memos, payments and expense reports: one per line."""
    posted = transactions.filter(
        pl.col("posting"), pl.col("type").is_in(["CustInvc", "CustCred", "CustPymt", "ExpRept"])
    ).select("type", "exchangerate", transaction="id")
    rows = (
        lines.select("transaction", "mainline", "taxline", "item", "netamount", line="id")
        .join(posted, on="transaction", how="inner", maintain_order="left")
        .join(item_accounts(items).select("item", "billing_account"), on="item", how="left", maintain_order="left")
    )
    payment = pl.col("line").replace_strict(
        {line: account_id(number) for line, number in _LINES_OF_A_PAYMENT.items()}, default=account_id("9990")
    )
    report = pl.when(pl.col("mainline")).then(pl.lit(account_id("2100"))).otherwise(pl.lit(account_id("6100")))
    sales = (
        pl.when(pl.col("mainline")).then(pl.lit(account_id("1100")))
        .when(pl.col("taxline")).then(pl.lit(account_id("2200")))
        .otherwise(pl.col("billing_account").fill_null(account_id("9990")))
    )  # fmt: skip
    account = (
        pl.when(pl.col("type") == "CustPymt")
        .then(payment)
        .when(pl.col("type") == "ExpRept")
        .then(report)
        .otherwise(sales)
    )
    return _postings(rows.with_columns(account=account, base=hundredths("netamount")))


def _postings(rows: pl.DataFrame) -> pl.DataFrame:
    """transaction, line, account, base (debit positive), exchangerate as rows of the primary book."""
    return conform(
        "transactionaccountingline",
        rows.select(
            "transaction", "account", "exchangerate",
            accountingbook=pl.lit(BOOK),
            transactionline="line",
            debit=pl.when(pl.col("base") > 0).then(money("base")),
            credit=pl.when(pl.col("base") < 0).then(money(-pl.col("base"))),
            amount=money("base"),
            netamount=money("base"),
            posting=pl.lit(True),
        ),
    )  # fmt: skip


def revenue_postings(world: World, revenue: Revenue) -> pl.DataFrame:
    """Two postings per recognised plan line: deferred revenue out, revenue in."""
    close = close_of(world.firm)
    rows = (
        at_line_rates(revenue.earned)
        .filter(pl.col("month") <= close.last_run)
        .join(revenue.facts, on="element", how="inner", maintain_order="left")
        .with_columns(order_rate=pl.coalesce("line_rate", "order_rate"))
    )
    number = pl.col("element").cast(pl.Int64)
    sides = ((0, pl.lit(account_id("2400")), pl.col("worth")), (1, pl.col("income_account"), -pl.col("worth")))
    parts = [
        rows.with_columns(
            transaction=journal_id(0),
            line=identity(number * 2 + side),
            key=(number * 10_000 + pl.col("month") % 1000 * 10) * 2 + side,
            account=account,
            amount=amount,
            created_from=pl.col("arrangement"),
            tagged=pl.lit(None, dtype=pl.String),
            text=pl.lit("Revenue recognition ") + pl.col("sow_number"),
            kind=pl.lit(0, dtype=pl.Int64),
        )
        for side, account, amount in sides
    ]
    return pl.concat(parts).select(_MOVE)


_MOVE = (
    "transaction", "line", "key", "kind", "account", "amount", "subsidiary", "currency", "iso", "base", "base_step",
    "order_rate", "month", "job", "created_from", "tagged", "text",
)  # fmt: skip


def ahead_of_billing(world: World, revenue: Revenue) -> pl.DataFrame:
    """arrangement, time_only, month, ahead: revenue beyond billing at the month ends where that changes."""
    close = close_of(world.firm)
    group = pl.col("rule").is_in(list(TIME_ONLY_RULES)).alias("time_only")
    elements = revenue.facts.select("element", "arrangement", group)
    earned = revenue.earned.join(elements, on="element", how="inner").select(
        "arrangement", "time_only", "month", net="worth"
    )
    posted = world["netsuite.transaction"].filter(
        pl.col("posting"), pl.col("type").is_in(["CustInvc", "CustCred"])
    ).select(transaction="id", period=pl.col("postingperiod").cast(pl.Int64))  # fmt: skip
    lines = world["netsuite.transactionline"].select(
        "transaction", "mainline", "uniquekey", "revenueelement", "custcol_credited_line", "foreignamount"
    )
    lines = lines.filter(~pl.col("mainline"))
    credited = lines.select("revenueelement", custcol_credited_line="uniquekey").filter(
        pl.col("revenueelement").is_not_null()
    )
    billed = (
        lines.join(credited, on="custcol_credited_line", how="left", suffix="_credited")
        .select(
            "transaction",
            element=pl.coalesce("revenueelement", "revenueelement_credited"),
            net=hundredths("foreignamount"),
        )
        .filter(pl.col("element").is_not_null())
        .join(posted, on="transaction", how="inner")
        .join(elements, on="element", how="inner")
        .select("arrangement", "time_only", "net", month=month_of("period"))
    )
    moved = pl.concat([earned, billed.select(earned.columns)]).filter(pl.col("month") <= close.last_run)
    net = moved.group_by("arrangement", "time_only", "month").agg(pl.col("net").sum())
    firsts = net.group_by("arrangement", "time_only").agg(first=pl.col("month").min())
    months = firsts.with_columns(month=pl.int_ranges("first", close.last_run + 1)).explode("month").drop("first")
    keys = ["arrangement", "time_only", "month"]
    rows = months.join(net, on=keys, how="left").with_columns(pl.col("net").fill_null(0)).sort(keys)
    over = ["arrangement", "time_only"]
    rows = rows.with_columns(ahead=pl.col("net").cum_sum().over(over).clip(lower_bound=0))
    rows = rows.with_columns(before=pl.col("ahead").shift(1, fill_value=0).over(over))
    return rows.filter(pl.col("ahead") != pl.col("before")).drop("net")


def reclass_postings(world: World, revenue: Revenue) -> pl.DataFrame:
    """Month-end reclassification: the last adjustment reversed, the new one posted; time only also moves to 1260."""
    columns = ["arrangement", "subsidiary", "currency", "iso", "base", "base_step", "order_rate", "sow_number"]
    facts = revenue.facts.filter(pl.col("returned").is_null())
    orders = facts.select(*columns, "job").unique("arrangement", keep="first", maintain_order=True)
    rows = ahead_of_billing(world, revenue).join(orders, on="arrangement", how="inner")
    to_asset = _swap(rows, _RECLASS, debit="1250", credit="2400", reversal="Reversal of unbilled adjustment ")
    to_receivable = _swap(
        rows.filter("time_only"), _UNBILLED, debit="1260", credit="1250", reversal="Reversal of unbilled receivable "
    )
    return pl.concat([to_asset, to_receivable]).sort("transaction", "key")


def _swap(rows: pl.DataFrame, kind: int, *, debit: str, credit: str, reversal: str) -> pl.DataFrame:
    """The reversal of the month before and the adjustment of this month, two postings each."""
    own = kind == _UNBILLED
    sides = (
        (0, debit, -pl.col("before"), reversal), (1, credit, pl.col("before"), reversal),
        (2, debit, pl.col("ahead"), "Unbilled adjustment "), (3, credit, -pl.col("ahead"), "Unbilled adjustment "),
    )  # fmt: skip
    number = (pl.col("arrangement").cast(pl.Int64) - ARRANGEMENT) * 2 + pl.col("time_only").cast(pl.Int64)
    none = pl.lit(None, dtype=pl.String)
    parts = [
        rows.with_columns(
            transaction=journal_id(kind),
            line=identity(number * 4 + side),
            key=((number * 4 + side) * 1000 + pl.col("month") % 1000) * 4 + kind,
            kind=pl.lit(kind, dtype=pl.Int64),
            account=pl.lit(account_id(account)),
            amount=amount,
            created_from=none if own else pl.col("arrangement"),
            tagged=pl.col("arrangement") if own else none,
            text=pl.lit(text) + pl.col("sow_number"),
        )
        for side, account, amount, text in sides
    ]
    return pl.concat(parts).filter(pl.col("amount") != 0).select(_MOVE)


def journals_of(world: World, moves: pl.DataFrame) -> Journals:
    """Journals of postings that were given a transaction and a line: header, lines, ledger rows.

    Each line's base amount is its own at the rate of its arrangement, so both sides of a pair round alike.
    """
    ends = month_ends(world.firm, 22)
    moves = moves.join(ends, on="month", how="left", maintain_order="left").with_columns(
        base_amount=exchange("amount", "order_rate", "base_step")
    )
    heads = moves.group_by("transaction", maintain_order=True).agg(
        pl.col("currency", "iso", "base", "end", "ran", "month", "kind").first(),
        total=pl.col("amount").filter(pl.col("amount") > 0).sum(),
    )
    heads = with_rate(heads, world, "end").sort("transaction")
    return Journals(_journal_headers(heads), _journal_lines(moves), _postings(
        moves.select("transaction", "line", "account", base="base_amount", exchangerate=micro_rate("order_rate"))
    ))  # fmt: skip


def _journal_headers(heads: pl.DataFrame) -> pl.DataFrame:
    memos = {
        0: "Revenue recognition",
        _RECLASS: "Unbilled receivable adjustment",
        _UNBILLED: "Unbilled time to receivable",
    }
    return journal_headers(heads, pl.col("kind").replace_strict(memos, return_dtype=pl.String))


def journal_headers(
    heads: pl.DataFrame,
    memo: pl.Expr,
    *,
    day: str = "end",
    made: str = "ran",
    rate: str = "rate_micro",
    month: str = "month",
    **more: pl.Expr | str,
) -> pl.DataFrame:
    """Headers of journals that are approved and posted, one per row: transaction, currency, total (hundredths).

    `day`, `made`, `rate` and `month` name the columns of the date, the time of entry, the rate of exchange (millionths)
    and the posting month; `more` are fields besides, or in place of what journals have by themselves.
    """
    usual: dict[str, pl.Expr | str] = {
        "type": pl.lit("Journal"),
        "tranid": pl.lit("JE") + pl.col("transaction"),
        "status": pl.lit("B"),
        "approvalstatus": pl.lit("2"),
        "posting": pl.lit(True),
        "voided": pl.lit(False),
        "isreversal": pl.lit(False),
    }
    own: dict[str, pl.Expr | str] = {
        "id": "transaction",
        "trandate": day,
        "createddate": made,
        "lastmodifieddate": made,
        "exchangerate": micro_rate(rate),
        "foreigntotal": money("total"),
        "postingperiod": period_id(month),
        "memo": memo,
    }
    return conform("transaction", heads.select("currency", **{**usual, **own, **more}))


def _journal_lines(moves: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        moves.select(
            "transaction",
            "subsidiary",
            id="line",
            uniquekey=identity(pl.col("key") + _LINE_KEYS + pl.col("kind").clip(upper_bound=1) * _LINE_KEYS),
            linesequencenumber=pl.col("line").cast(pl.Int64),
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            entity="job",
            foreignamount=money("amount"),
            netamount=money("base_amount"),
            createdfrom="created_from",
            memo="text",
            linelastmodifieddate="ran",
            custcol_rev_arrangement="tagged",
        ),
    )
