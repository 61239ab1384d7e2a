"""Single documents in the sandbox's NetSuite, after the fact: what a person, a retry or a correction adds or changes.

`append` adds documents to the world, `post` gives them their ledger rows, `retotalled` makes header and posting of
changed documents agree with their lines again, `withdraw` undoes invoices that have not posted, `copied` is a second
copy of an invoice, `manual_journal` a journal somebody typed. `add_to_plans` plans revenue in the open month. All take
ids from outside (`ns_ids.FREE` and above are never given by the sandbox itself) and touch nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from ingest.sandbox.netsuite_schema import SCHEMAS, conform
from ingest.sandbox.ns_accounts import TIME_ONLY_RULES, account_id
from ingest.sandbox.ns_amounts import exchange, hundredths, micro_rate, money, quantum
from ingest.sandbox.ns_ids import BOOK, identity, unique_key
from ingest.sandbox.ns_ledger import Journals, gl_for_documents, journal_headers
from ingest.sandbox.ns_orders import with_rate
from ingest.sandbox.ns_periods import close_of, month_number, period_id
from ingest.sandbox.ns_settlement import Documents
from ingest.sandbox.world import World

__all__ = [
    "Posting",
    "add_to_plans",
    "append",
    "copied",
    "journal_postings",
    "manual_journal",
    "manual_journals",
    "post",
    "retotalled",
    "withdraw",
]


@dataclass(frozen=True)
class Posting:
    """One line of a manual journal: account number, hundredths (debit positive), arrangement, job, supplier."""

    account: str
    amount: int
    arrangement: str | None = None
    job: str | None = None
    supplier: str | None = None


def append(world: World, documents: Documents | Journals) -> None:
    """Add documents to the world: headers, lines, and links or ledger rows."""
    parts = {"transaction": documents.transactions, "transactionline": documents.lines}
    if isinstance(documents, Journals):
        parts["transactionaccountingline"] = documents.postings
    else:
        parts["nexttransactionlinelink"] = documents.links
    for stream, rows in parts.items():
        world[f"netsuite.{stream}"] = pl.concat([world[f"netsuite.{stream}"], rows])


def post(world: World, ids: Iterable[str]) -> None:
    """Replace the ledger rows of posted invoices, credits, payments and expense reports by what their lines say now."""
    wanted = pl.Series(sorted(ids), dtype=pl.String)
    chosen = world["netsuite.transaction"].filter(pl.col("id").is_in(wanted.implode()))
    lines = world["netsuite.transactionline"].filter(pl.col("transaction").is_in(wanted.implode()))
    ledger = world["netsuite.transactionaccountingline"]
    kept = ledger.filter(~pl.col("transaction").is_in(chosen["id"].implode()))
    world["netsuite.transactionaccountingline"] = pl.concat(
        [kept, gl_for_documents(chosen, lines, world["netsuite.item"])]
    )


def retotalled(world: World, ids: Iterable[str]) -> None:
    """Make total, main line, base and open amounts of invoices and credits follow from their other lines."""
    wanted = pl.Series(sorted(ids), dtype=pl.String).implode()
    iso = world["netsuite.currency"].select(currency="id", base="symbol")
    base = world["netsuite.subsidiary"].join(iso, on="currency").select(subsidiary="id", base_step=quantum("base"))
    heads = world["netsuite.transaction"].filter(pl.col("id").is_in(wanted))
    rates = heads.select(transaction="id", rate_micro=(pl.col("exchangerate") * 1_000_000).cast(pl.Int64))
    lines = world["netsuite.transactionline"]
    own = lines.filter(pl.col("transaction").is_in(wanted), ~pl.col("mainline"))
    own = own.join(rates, on="transaction", how="inner", maintain_order="left").join(
        base, on="subsidiary", how="left", maintain_order="left"
    )
    own = own.with_columns(netamount=money(exchange(hundredths("foreignamount"), "rate_micro", "base_step")))
    sums = own.group_by("transaction").agg(
        foreign=-hundredths("foreignamount").sum(), in_base=-hundredths("netamount").sum()
    )
    mains = lines.filter(pl.col("transaction").is_in(wanted), "mainline").join(
        sums, on="transaction", how="inner", maintain_order="left"
    )
    mains = mains.with_columns(foreignamount=money("foreign"), netamount=money("in_base"))
    others = lines.filter(~pl.col("transaction").is_in(sums["transaction"].implode()))
    columns = list(SCHEMAS["transactionline"])
    world["netsuite.transactionline"] = pl.concat([others, mains.select(columns), own.select(columns)])
    table = world["netsuite.transaction"].join(
        sums.select("foreign", id="transaction"), on="id", how="left", maintain_order="left"
    )
    grown = pl.col("foreign") - hundredths("foreigntotal")
    is_invoice = pl.col("type") == "CustInvc"
    world["netsuite.transaction"] = table.with_columns(
        foreignamountunpaid=pl.when(pl.col("foreign").is_not_null() & is_invoice)
        .then(money(hundredths("foreignamountunpaid") + grown))
        .otherwise("foreignamountunpaid"),
        foreigntotal=pl.when(pl.col("foreign").is_not_null()).then(money("foreign")).otherwise("foreigntotal"),
    ).select(list(SCHEMAS["transaction"]))


def withdraw(world: World, invoices: Iterable[str]) -> None:
    """Undo invoices before they post: they, their credits and payments vanish, and their charges are Ready again."""
    wanted = pl.Series(sorted(invoices), dtype=pl.String)
    links = world["netsuite.nexttransactionlinelink"]
    settling = links.filter(pl.col("linktype") == "Payment", pl.col("previousdoc").is_in(wanted.implode()))["nextdoc"]
    gone = pl.concat([wanted, settling]).unique().implode()
    world["netsuite.transaction"] = world["netsuite.transaction"].filter(~pl.col("id").is_in(gone))
    world["netsuite.transactionline"] = world["netsuite.transactionline"].filter(~pl.col("transaction").is_in(gone))
    kept = ~pl.col("previousdoc").is_in(gone) & ~pl.col("nextdoc").is_in(gone)
    world["netsuite.nexttransactionlinelink"] = links.filter(kept)
    freed = pl.col("invoice").is_in(wanted.implode()).fill_null(False)
    none = pl.lit(None, dtype=pl.String)
    world["netsuite.charge"] = world["netsuite.charge"].with_columns(
        stage=pl.when(freed).then(pl.lit("Ready")).otherwise("stage"),
        invoice=pl.when(freed).then(none).otherwise("invoice"),
        invoiceline=pl.when(freed).then(none).otherwise("invoiceline"),
    )


def copied(world: World, invoice: str, number: int, on: dt.date) -> Documents:
    """A second copy of an invoice, as a repeated call makes it: same lines and billing event, own number and day."""
    at = pl.lit(dt.datetime.combine(on, dt.time(15, 5)))
    head = world["netsuite.transaction"].filter(pl.col("id") == invoice)
    term = pl.col("duedate") - pl.col("trandate")
    copy = head.with_columns(
        id=pl.lit(str(number)),
        tranid=pl.lit(f"INV{number}"),
        externalid=pl.lit(None, dtype=pl.String),
        duedate=pl.lit(on) + term,
        trandate=pl.lit(on),
        closedate=pl.lit(None, dtype=pl.Date),
        createddate=at,
        lastmodifieddate=at,
        foreignamountpaid=money(pl.lit(0)),
        foreignamountunpaid=pl.col("foreigntotal"),
        status=pl.lit("A"),
        postingperiod=period_id(month_number(pl.lit(on))),
    )
    lines = world["netsuite.transactionline"].filter(pl.col("transaction") == invoice)
    lines = lines.with_columns(transaction=pl.lit(str(number)), linelastmodifieddate=at)
    links = world["netsuite.nexttransactionlinelink"].filter(
        pl.col("nextdoc") == invoice, pl.col("linktype") == "OrdBill"
    )
    return Documents(
        conform("transaction", copy),
        conform("transactionline", lines.with_columns(uniquekey=unique_key("transaction", "id"))),
        conform("nexttransactionlinelink", links.with_columns(nextdoc=pl.lit(str(number)), lastmodifieddate=at)),
    )


def manual_journal(
    world: World,
    number: int,
    on: dt.date,
    subsidiary: str,
    currency: str,
    postings: Sequence[Posting],
    *,
    memo: str,
    rate: Decimal | None = None,
) -> Journals:
    """A posted journal of one subsidiary and currency, at a rate of exchange or that of its day.

    Its amounts must add up to nothing.
    """
    if sum(posting.amount for posting in postings):
        raise ValueError(
            f"Journal {number}: debits and credits differ by {sum(p.amount for p in postings)} hundredths."
        )
    rows = pl.DataFrame(
        {
            "account": [account_id(posting.account) for posting in postings],
            "amount": [posting.amount for posting in postings],
            "tagged": [posting.arrangement for posting in postings],
            "job": [posting.job for posting in postings],
            "supplier": [posting.supplier for posting in postings],
        },
        schema=dict.fromkeys(("account", "amount", "tagged", "job", "supplier"), pl.String) | {"amount": pl.Int64},
    ).with_columns(
        transaction=pl.lit(str(number)), subsidiary=pl.lit(subsidiary), currency=pl.lit(currency), day=pl.lit(on),
        memo=pl.lit(memo),
    )  # fmt: skip
    if rate:
        rows = rows.with_columns(rate_micro=pl.lit(int(rate * 1_000_000)))
    return manual_journals(world, rows)


def manual_journals(world: World, rows: pl.DataFrame) -> Journals:
    """Posted journals, each of one subsidiary and currency, from their lines in order.

    transaction, account (id), amount (hundredths, each journal's add up to nothing), tagged, job, supplier, subsidiary,
    currency, day, memo; rate_micro, or rated_on, where the rate of exchange is not that of the day; reverses where a
    journal repeats another. What rounding leaves is put on a journal's first line.
    """
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    base = world["netsuite.subsidiary"].join(iso, on="currency").select(subsidiary="id", base="iso")
    place = pl.int_range(pl.len()).over("transaction")
    rows = rows.with_columns(line=identity(place), at=pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=18))
    rows = rows.join(iso, on="currency", how="left", maintain_order="left")
    rows = rows.join(base, on="subsidiary", how="left", maintain_order="left")
    rated_on = "rated_on" if "rated_on" in rows.columns else "day"
    rated = rows if "rate_micro" in rows.columns else with_rate(rows, world, rated_on)
    rows = rated.with_columns(in_base=exchange("amount", "rate_micro", quantum("base")))
    rest = pl.when(place == 0).then(-pl.col("in_base").sum().over("transaction")).otherwise(0)
    rows = rows.with_columns(in_base=pl.col("in_base") + rest, month=month_number("day"))
    debits = pl.col("amount").clip(lower_bound=0).sum().over("transaction")
    heads = rows.with_columns(total=debits).unique("transaction", keep="first", maintain_order=True)
    more = {"custbody_reverses": "reverses"} if "reverses" in heads.columns else {}
    headers = journal_headers(heads, pl.col("memo"), day="day", made="at", **more)
    return Journals(headers, _journal_lines(rows), journal_postings(rows))


def _journal_lines(rows: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        rows.select(
            "transaction", "subsidiary", "memo",
            id="line",
            uniquekey=unique_key("transaction", "line"),
            linesequencenumber=pl.col("line").cast(pl.Int64),
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            entity="job",
            foreignamount=money("amount"),
            netamount=money("in_base"),
            linelastmodifieddate="at",
            custcol_rev_arrangement="tagged",
            custcol_supplier="supplier",
        ),
    )  # fmt: skip


def journal_postings(rows: pl.DataFrame, rate: str = "rate_micro") -> pl.DataFrame:
    """The ledger rows of journal lines: transaction, line, account, in_base (hundredths, debit positive), rate."""
    return conform(
        "transactionaccountingline",
        rows.select(
            "transaction", "account",
            accountingbook=pl.lit(BOOK),
            transactionline="line",
            debit=pl.when(pl.col("in_base") > 0).then(money("in_base")),
            credit=pl.when(pl.col("in_base") < 0).then(money(-pl.col("in_base"))),
            amount=money("in_base"),
            netamount=money("in_base"),
            posting=pl.lit(True),
            exchangerate=micro_rate(rate),
        ),
    )  # fmt: skip


def add_to_plans(world: World, deltas: pl.DataFrame, *, kind: str = "Catch-up", month: int | None = None) -> None:
    """Plan amounts (element, worth in hundredths) in the open month, on the line of that kind if there is one.

    ``Normal`` is the usual line of a month, ``Catch-up`` corrects months already recognised. Plans whose amount is what
    was charged grow with them; all plans show what is left to recognise.
    """
    at = month if month is not None else close_of(world.firm).open_month
    slot = {"Normal": 0, "Catch-up": 1}[kind]
    facts = world["netsuite.revenueelement"].select(
        "exchangerate", "recognitionaccount", "revenuerecognitionrule", "returnofelement", element="id"
    )
    wanted = deltas.group_by("element", maintain_order=True).agg(pl.col("worth").sum()).join(facts, on="element")
    plan = pl.col("element").cast(pl.Int64) * 10 + 1
    added = wanted.with_columns(
        revenueplan=identity(plan), id=identity(plan * 10_000 + at % 1000 * 10 + slot), month=pl.lit(at, dtype=pl.Int64)
    )
    rows = world["netsuite.revenueplanplannedrevenue"].join(
        added.select("id", "worth"), on="id", how="left", maintain_order="left"
    )
    changed = rows.with_columns(amount=money(hundredths("amount") + pl.col("worth").fill_null(0)))
    new = added.join(rows.select("id"), on="id", how="anti").with_columns(
        amount=money("worth"), plannedperiod=period_id("month"), plannedrevenuetype=pl.lit(kind),
        isrecognized=pl.lit(False), deferredrevenueaccount=pl.lit(account_id("2400")),
    )  # fmt: skip
    stream = "revenueplanplannedrevenue"
    world[f"netsuite.{stream}"] = pl.concat([conform(stream, changed), conform(stream, new)])
    charged = pl.col("revenuerecognitionrule").is_in(list(TIME_ONLY_RULES)) & pl.col("returnofelement").is_null()
    grown = added.select(id="revenueplan", grown=pl.when(charged).then("worth").otherwise(0))
    plans = world["netsuite.revenueplan"].join(grown, on="id", how="left", maintain_order="left")
    more = money(pl.col("grown").fill_null(0))
    world["netsuite.revenueplan"] = conform(
        "revenueplan",
        plans.with_columns(
            amount=pl.col("amount") + more, remainingdeferredbalance=pl.col("remainingdeferredbalance") + more
        ),
    )
