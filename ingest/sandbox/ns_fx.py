"""Currency revaluation in the sandbox's NetSuite: what balances in foreign currency are worth in the company's books.

Receivables, unbilled receivables and contract assets are money, or will be: at the end of each month they are brought
to the rate of that day (unrealised gain or loss, reversed on the next day). Deferred revenue is no money and keeps the
rates of its invoices; what billing settled of revenue earned before is worth another amount by then, and that
difference leaves deferred revenue for good (realised gain or loss). A revaluation moves no document currency: its
transaction is in the currency of the books. Its lines name the customer or, off the receivables, the arrangement.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.netsuite_schema import SCHEMAS, conform
from ingest.sandbox.ns_accounts import account_id
from ingest.sandbox.ns_amounts import exchange, hundredths, money, quantum
from ingest.sandbox.ns_documents import journal_postings
from ingest.sandbox.ns_ids import identity
from ingest.sandbox.ns_layers import liability
from ingest.sandbox.ns_ledger import Journals, journal_headers
from ingest.sandbox.ns_orders import with_rate
from ingest.sandbox.ns_periods import close_of, month_ends, month_of, period_table
from ingest.sandbox.ns_revenue import Revenue, journal_id
from ingest.sandbox.world import World

__all__ = ["DEFERRED", "REVALUED", "balances", "post_revaluations", "revalue", "standing", "unrealised"]

#: Accounts that a revaluation brings to the rate of the month's end, and the one that it must leave alone.
REVALUED, DEFERRED = ("1100", "1250", "1260"), "2400"

_REALISED, _UNREALISED, _REVERSAL = 20, 21, 22
_MEMOS = {_REALISED: "Realized gain/loss", _UNREALISED: "Unrealized gain/loss",
          _REVERSAL: "Reversal of unrealized gain/loss"}  # fmt: skip
_LINE_KEYS = 700_000_000_000_000_000  # unique keys of these lines start here
_GAIN_AND_LOSS = "7800"
_JOURNALS = ("transaction", "transactionline", "transactionaccountingline")


def post_revaluations(world: World, revenue: Revenue) -> None:
    """Post the revaluation of every month whose revenue run is done: realised, unrealised, and its reversal."""
    rows = balances(world)
    if rows.is_empty():
        return
    realised = _realised(rows, liability(world, revenue.facts, revenue.earned))
    wanted = rows.with_columns(amount=pl.col("at_close") - pl.col("in_base"))
    moves = pl.concat([realised, unrealised(wanted.filter(pl.col("account") != DEFERRED))])
    revalue(world, moves)


def balances(world: World) -> pl.DataFrame:
    """Balances in foreign currency at the end of each month: account, holder, month, document, in_base, at_close.

    `holder` is the customer of receivables and the arrangement of all others; `document` is in its own currency,
    `in_base` what the books have for it, `at_close` what it is worth at the rate of the month's end. All in hundredths.
    """
    rows = _postings(world)
    keys = ["account", "holder", "subsidiary", "iso", "base"]
    sums = rows.group_by([*keys, "month"]).agg(pl.col("document", "in_base").sum())
    close = close_of(world.firm)
    firsts = sums.group_by(keys).agg(first=pl.col("month").min())
    months = firsts.with_columns(month=pl.int_ranges("first", close.last_run + 1)).explode("month").drop("first")
    every = months.join(sums, on=[*keys, "month"], how="left").sort([*keys, "month"])
    every = every.with_columns(pl.col("document", "in_base").fill_null(0).cum_sum().over(keys))
    ends = period_table(world.firm).select("month", "end")
    every = with_rate(every.join(ends, on="month", how="inner", maintain_order="left"), world, "end")
    return every.with_columns(base_step=quantum("base")).with_columns(
        at_close=exchange("document", "rate_micro", "base_step")
    )


def _postings(world: World) -> pl.DataFrame:
    """What was posted in another currency than that of the books on the accounts of this module, by month."""
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    base = world["netsuite.subsidiary"].join(iso, on="currency").select(subsidiary="id", base="iso", own="currency")
    heads = world["netsuite.transaction"].filter("posting").select(
        "currency", transaction="id", sow="custbody_sow_number", month=month_of("postingperiod")
    )  # fmt: skip
    lines = world["netsuite.transactionline"].select(
        "transaction", "subsidiary", "createdfrom", "custcol_rev_arrangement", "revenueelement", "entity",
        transactionline="id", document=hundredths("foreignamount"),
    )  # fmt: skip
    foreign = (
        lines.join(heads, on="transaction", how="inner")
        .join(base, on="subsidiary", how="inner")
        .filter(pl.col("currency") != pl.col("own"))
    )
    accounts = {account_id(number): number for number in (*REVALUED, DEFERRED)}
    ledger = world["netsuite.transactionaccountingline"].filter(pl.col("account").is_in(list(accounts)))
    rows = ledger.select("transaction", "transactionline", "account", in_base=hundredths("amount")).join(
        foreign, on=["transaction", "transactionline"], how="inner"
    )
    orders = world["netsuite.transaction"].filter(pl.col("type") == "RevArrng").select(
        sow="custbody_sow_number", by_sow="id"
    )  # fmt: skip
    elements = world["netsuite.revenueelement"].select(revenueelement="id", by_element="revenuearrangement")
    made = world["netsuite.revenuearrangement"].select(createdfrom="id", by_source="id")
    rows = (
        rows.join(orders.unique("sow", keep="first"), on="sow", how="left")
        .join(elements, on="revenueelement", how="left")
        .join(made, on="createdfrom", how="left")
        .join(iso, on="currency", how="left")
        .with_columns(account=pl.col("account").replace_strict(accounts, return_dtype=pl.String))
    )
    arrangement = pl.coalesce("custcol_rev_arrangement", "by_source", "by_element", "by_sow")
    holder = pl.when(pl.col("account") == REVALUED[0]).then("entity").otherwise(arrangement)
    last = close_of(world.firm).last_run
    return rows.with_columns(holder=holder).filter(pl.col("holder").is_not_null(), pl.col("month") <= last)


def standing(world: World) -> pl.DataFrame:
    """The rows of `balances` at the last month with a revenue run, with `in_books`: what all postings made of each."""
    last = close_of(world.firm).last_run
    rows = balances(world).filter(pl.col("month") == last)
    keys = ["account", "holder", "subsidiary", "base", "month"]
    sums = rows.group_by(keys).agg(pl.col("document").abs().sum(), pl.col("in_base", "at_close").sum())
    heads = world["netsuite.transaction"].filter(pl.col("type") == "FxReval", month_of("postingperiod") <= last)
    lines = world["netsuite.transactionline"].join(heads.select(transaction="id"), on="transaction", how="semi")
    accounts = {account_id(number): number for number in (*REVALUED, DEFERRED)}
    ledger = world["netsuite.transactionaccountingline"].filter(pl.col("account").is_in(list(accounts))).select(
        "transaction", pl.col("account").replace_strict(accounts, return_dtype=pl.String), id="transactionline"
    )  # fmt: skip
    valued = (
        lines.join(ledger, on=["transaction", "id"], how="inner")
        .with_columns(holder=pl.coalesce("entity", "custcol_rev_arrangement"))
        .group_by("account", "holder", "subsidiary")
        .agg(valued=hundredths("netamount").sum())
    )
    rows = sums.join(valued, on=["account", "holder", "subsidiary"], how="left").sort("account", "holder", "subsidiary")
    return rows.with_columns(in_books=pl.col("in_base") + pl.col("valued").fill_null(0))


def unrealised(rows: pl.DataFrame) -> pl.DataFrame:
    """Balances changed by `amount` at their month's end, and back on the next day."""
    parts = [
        rows.with_columns(kind=pl.lit(kind, dtype=pl.Int64), amount=pl.col("amount") * sign)
        for kind, sign in ((_UNREALISED, 1), (_REVERSAL, -1))
    ]
    return _summed(pl.concat(parts))


def _realised(rows: pl.DataFrame, liability_by_month: pl.DataFrame) -> pl.DataFrame:
    """What leaves deferred revenue where billing met revenue earned at another rate, in the month it came about."""
    own = liability_by_month.select("month", "deferred", holder="arrangement", layered="in_base")
    held = rows.filter(pl.col("account") == DEFERRED).join(
        own, on=["holder", "month"], how="left", maintain_order="left"
    )
    held = held.with_columns(pl.col("deferred", "layered").fill_null(0)).filter(
        -pl.col("document") == pl.col("deferred")
    )
    off = -pl.col("layered") - pl.col("in_base")
    keys = ["holder", "subsidiary"]
    held = held.sort([*keys, "month"]).with_columns(amount=off - off.shift(1, fill_value=0).over(keys))
    return _summed(held.with_columns(kind=pl.lit(_REALISED, dtype=pl.Int64)))


def _summed(moves: pl.DataFrame) -> pl.DataFrame:
    """kind, account, holder, subsidiary, base, month, amount: one line per balance, whichever currencies it is in."""
    keys = ["kind", "account", "holder", "subsidiary", "base", "month"]
    return moves.group_by(keys).agg(pl.col("amount").sum()).filter(pl.col("amount") != 0).sort(keys)


def revalue(world: World, moves: pl.DataFrame) -> None:
    """Add amounts (see `_summed`) to the revaluations of their months: a balance has one line, and none for nothing."""
    if moves.is_empty():
        return
    added = _revaluations(world, moves)
    ids = added.transactions["id"].implode()
    heads, lines, ledger = (world[f"netsuite.{name}"] for name in _JOURNALS)
    amounts = ("foreignamount", "netamount")
    mine = _merged(lines.filter(pl.col("transaction").is_in(ids)), added.lines, ["transaction", "id"], amounts)
    posted = _merged(
        ledger.filter(pl.col("transaction").is_in(ids)), added.postings, ["transaction", "transactionline"],
        ("amount", "netamount"),
    ).with_columns(
        debit=pl.when(pl.col("amount") > 0).then("amount"), credit=pl.when(pl.col("amount") < 0).then(-pl.col("amount"))
    )  # fmt: skip
    totals = mine.group_by(id="transaction").agg(total=pl.col("netamount").filter(pl.col("netamount") > 0).sum())
    both = pl.concat([heads.filter(pl.col("id").is_in(ids)), added.transactions]).unique("id", keep="first")
    both = both.join(totals, on="id", how="inner").with_columns(foreigntotal="total").sort("id")
    for name, old, new in zip(
        _JOURNALS,
        (
            heads.filter(~pl.col("id").is_in(ids)),
            *(one.filter(~pl.col("transaction").is_in(ids)) for one in (lines, ledger)),
        ),
        (both, mine, posted),
        strict=True,
    ):
        world[f"netsuite.{name}"] = pl.concat([old, conform(name, new.select(list(SCHEMAS[name])))])


def _merged(old: pl.DataFrame, new: pl.DataFrame, keys: list[str], amounts: tuple[str, ...]) -> pl.DataFrame:
    """Rows of both, the amounts of a key added up; keys that come to nothing are gone."""
    others = [name for name in old.columns if name not in (*keys, *amounts)]
    rows = pl.concat([old, new]).group_by(keys, maintain_order=True).agg(
        pl.col(*others).first(), pl.col(*amounts).sum()
    )  # fmt: skip
    return rows.filter(pl.col(amounts[0]) != 0).sort(keys)


def _revaluations(world: World, moves: pl.DataFrame) -> Journals:
    """Currency revaluations of `moves` (see `_summed`): one per subsidiary, month and kind, two lines a balance."""
    iso = world["netsuite.currency"].select(currency="id", base="symbol")
    days = month_ends(world.firm, 23)
    later = (pl.col("kind") == _REVERSAL).cast(pl.Int64)
    rows = moves.join(iso, on="base", how="left", maintain_order="left").join(
        days, on="month", how="left", maintain_order="left"
    )
    slots = {number: slot for slot, number in enumerate((*REVALUED, DEFERRED))}
    place = pl.col("holder").cast(pl.Int64) * 10 + pl.col("account").replace_strict(slots, return_dtype=pl.Int64) * 2
    is_receivable = pl.col("account") == REVALUED[0]
    none = pl.lit(None, dtype=pl.String)
    sides = ((0, pl.col("account"), 1), (1, pl.lit(_GAIN_AND_LOSS), -1))
    ids = {number: account_id(number) for number in (*REVALUED, DEFERRED, _GAIN_AND_LOSS)}
    parts = [
        rows.with_columns(
            transaction=journal_id(pl.col("kind")), line=identity(place + side), number=place + side,
            on=account.replace_strict(ids, return_dtype=pl.String), in_base=pl.col("amount") * sign,
            entity=pl.when(is_receivable).then("holder").otherwise(none),
            tagged=pl.when(is_receivable).then(none).otherwise("holder"),
            posted=pl.col("month") + later, day=pl.col("end") + pl.duration(days=later),
            rate_micro=pl.lit(1_000_000, dtype=pl.Int64),
        )
        for side, account, sign in sides
    ]  # fmt: skip
    lines = pl.concat(parts).sort("transaction", "number")
    return Journals(_heads(lines), _lines(lines), journal_postings(lines.with_columns(account="on")))


def _heads(lines: pl.DataFrame) -> pl.DataFrame:
    heads = lines.group_by("transaction", maintain_order=True).agg(
        pl.col("kind", "subsidiary", "currency", "month", "posted", "day", "ran", "end", "rate_micro").first(),
        total=pl.col("in_base").filter(pl.col("in_base") > 0).sum(),
    )
    twin = pl.lit(_UNREALISED + _REVERSAL, dtype=pl.Int64) - pl.col("kind")
    is_pair = pl.col("kind") != _REALISED
    return journal_headers(
        heads,
        pl.col("kind").replace_strict(_MEMOS, return_dtype=pl.String),
        day="day",
        month="posted",
        type=pl.lit("FxReval"),
        tranid=pl.lit("FX") + pl.col("transaction"),
        isreversal=pl.col("kind") == _REVERSAL,
        reversal=pl.when(is_pair).then(journal_id(twin)),
        reversaldate=pl.when(pl.col("kind") == _UNREALISED).then(pl.col("end") + pl.duration(days=1)),
    )


def _lines(lines: pl.DataFrame) -> pl.DataFrame:
    key = (pl.col("number") * 1000 + pl.col("month") % 1000) * 10 + pl.col("kind") - _REALISED
    return conform(
        "transactionline",
        lines.select(
            "transaction", "subsidiary", "entity",
            id="line",
            uniquekey=identity(key + _LINE_KEYS),
            linesequencenumber=pl.int_range(1, pl.len() + 1).over("transaction"),
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            foreignamount=money("in_base"),
            netamount=money("in_base"),
            memo=pl.col("kind").replace_strict(_MEMOS, return_dtype=pl.String),
            linelastmodifieddate="ran",
            custcol_rev_arrangement="tagged",
        ),
    )  # fmt: skip
