"""Credit memos and customer payments of the sandbox's NetSuite, and what they leave open on each invoice.

About three invoices in a hundred are credited in part: rejected hours (one time entry, in full) or a concession (a few
percent of a line). Customers pay the rest some days after it falls due, now and then in two parts. On an invoice
`foreignamountpaid` is cash only; what credits settle is in the links.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.netsuite_schema import SCHEMAS, conform
from ingest.sandbox.ns_amounts import exchange, half_up, hundredths, micro_rate, money, quantum
from ingest.sandbox.ns_ids import CREDIT, PAYMENT, identity, unique_key
from ingest.sandbox.ns_invoices import tax_rates
from ingest.sandbox.ns_orders import with_rate
from ingest.sandbox.ns_periods import close_of, month_number, period_id
from ingest.sandbox.world import World, draw, normal

__all__ = ["REVENUE_REASONS", "Documents", "credits_for", "payments_for", "settle_history", "settled"]

#: Reasons for which a credit also reduces revenue.
REVENUE_REASONS: tuple[str, ...] = ("HOURS_REJECTED", "CONCESSION")

#: Chooses payments, given the invoices that are still open.
Choice = Callable[[World, pl.DataFrame], pl.DataFrame]

_CREDITED = 0.03
_REJECTED = 0.6
_IN_PARTS = 0.06


@dataclass(frozen=True)
class Documents:
    """New transactions with their lines and links."""

    transactions: pl.DataFrame
    lines: pl.DataFrame
    links: pl.DataFrame


def settle_history(world: World) -> None:
    """Credit and pay the invoices of the whole history, and say on each invoice what is left."""
    _add(world, credits_for(world, _wanted_credits(world)))
    _add(world, payments_for(world, _wanted_payments))
    world["netsuite.transaction"] = settled(world["netsuite.transaction"], world["netsuite.nexttransactionlinelink"])


def _add(world: World, documents: Documents) -> None:
    for stream, rows in (
        ("transaction", documents.transactions),
        ("transactionline", documents.lines),
        ("nexttransactionlinelink", documents.links),
    ):
        world[f"netsuite.{stream}"] = pl.concat([world[f"netsuite.{stream}"], rows])


def _invoice_facts(world: World) -> pl.DataFrame:
    """Posted invoices with subsidiary, currencies, tax rate and amounts in hundredths."""
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    base = world["netsuite.subsidiary"].join(iso, on="currency", how="left").select(subsidiary="id", base="iso")
    invoices = world["netsuite.transaction"].filter(pl.col("type") == "CustInvc", pl.col("posting"))
    mains = world["netsuite.transactionline"].filter(pl.col("mainline")).select(
        "subsidiary", invoice="transaction", base_total=hundredths("netamount")
    )  # fmt: skip
    return (
        invoices.select(
            "currency", "trandate", "duedate", "createddate", "custbody_sow_number", "custbody_sf_contract_id",
            invoice="id", customer="entity", total=hundredths("foreigntotal"),
            rate_micro=(pl.col("exchangerate") * 1_000_000).cast(pl.Int64),
        )
        .join(mains.unique("invoice", keep="first"), on="invoice", how="left", maintain_order="left")
        .join(iso, on="currency", how="left", maintain_order="left")
        .join(base, on="subsidiary", how="left", maintain_order="left")
        .join(tax_rates(world), on=["customer", "subsidiary"], how="left", maintain_order="left")
        .with_columns(step=quantum("iso"), base_step=quantum("base"), permille=pl.col("permille").fill_null(0))
    )  # fmt: skip


def _wanted_credits(world: World) -> pl.DataFrame:
    """The credits of the history: invoice, line, reason, worth (hundredths, net), credit_on, and the time rejected."""
    seed, close = world.firm.seed, close_of(world.firm)
    invoices = _invoice_facts(world).filter(pl.col("total") > 0)
    invoices = invoices.filter(pl.Series(draw(invoices["invoice"].cast(pl.Int64), "credit", seed) < _CREDITED))
    wait = (5 + draw(invoices["invoice"].cast(pl.Int64), "credit/wait", seed) * 15).astype(np.int64)
    invoices = invoices.with_columns(
        credit_on=(pl.col("trandate") + pl.duration(days=pl.lit(pl.Series(wait)))).dt.add_business_days(
            0, roll="forward"
        ),
        rejects=pl.Series(draw(invoices["invoice"].cast(pl.Int64), "credit/reason", seed) < _REJECTED),
        share=pl.Series((20 + draw(invoices["invoice"].cast(pl.Int64), "credit/share", seed) * 60).astype(np.int64)),
    ).filter(pl.col("credit_on") <= close.last_day)
    first = (
        world["netsuite.transactionline"]
        .filter(~pl.col("mainline"), ~pl.col("taxline"), pl.col("custcol_line_key").is_not_null())
        .join(invoices.select(transaction="invoice"), on="transaction", how="semi")
        .sort("transaction", "linesequencenumber")
        .unique("transaction", keep="first", maintain_order=True)
        .select(invoice="transaction", line="id", line_worth=-hundredths("foreignamount"))
    )
    charges = world["netsuite.charge"].filter(
        pl.col("timerecord").is_not_null(), pl.col("stage") == "Processed"
    ).join(invoices.select("invoice"), on="invoice", how="semi")  # fmt: skip
    charges = charges.filter(~pl.col("timerecord").is_in(_struck(world)))
    charges = charges.with_columns(_draw=pl.Series(draw(charges["id"].cast(pl.Int64), "credit/entry", seed))).sort(
        "_draw", "id"
    )
    entry = charges.unique("invoice", keep="first", maintain_order=True).select(
        "invoice", "timerecord", entry_line="invoiceline", entry_worth=hundredths("amount")
    )
    rows = invoices.join(first, on="invoice", how="inner", maintain_order="left").join(
        entry, on="invoice", how="left", maintain_order="left"
    )
    rejected = pl.col("rejects") & pl.col("timerecord").is_not_null() & (pl.col("entry_worth") > 0)
    rows = rows.with_columns(
        reason=pl.when(rejected).then(pl.lit("HOURS_REJECTED")).otherwise(pl.lit("CONCESSION")),
        line=pl.when(rejected).then("entry_line").otherwise("line"),
        timerecord=pl.when(rejected).then("timerecord"),
        worth=pl.when(rejected)
        .then("entry_worth")
        .otherwise(half_up(pl.col("line_worth") * pl.col("share"), 1000, pl.col("step"))),
    )
    return rows.filter(pl.col("worth") > 0).select("invoice", "line", "reason", "worth", "credit_on", "timerecord")


def _struck(world: World) -> pl.Expr:
    """Time records of entries that a fault struck, and such that name no entry: customers do not reject them too."""
    entry = "custcol_psa_time_entry_id"
    times = world["netsuite.timebill"].filter(world.of_taken_entries(entry) | pl.col(entry).is_null())
    return pl.lit(times["id"].implode())


def credits_for(world: World, wanted: pl.DataFrame, number: pl.Expr | None = None) -> Documents:
    """Posted credit memos of one line each, applied to their invoice.

    `wanted`: invoice, line (its line id), reason, worth (net hundredths), credit_on, timerecord (or null). `number`
    gives the id of each memo; by default it follows from the invoice.
    """
    own = number if number is not None else pl.col("invoice").cast(pl.Int64) + CREDIT
    credited = world["netsuite.transactionline"].join(
        wanted.select(transaction="invoice", id="line"), on=["transaction", "id"], how="semi"
    )
    lines = credited.select(
        "item", "entity", "class", "createdfrom", "custcol_line_key", "custcol_sf_order_item_id", "custcol_sow_version",
        "custcol_billing_type", invoice="transaction", line="id", credited_line="uniquekey", origin="revenueelement",
    )  # fmt: skip
    rows = (
        wanted.join(lines, on=["invoice", "line"], how="inner", maintain_order="left")
        .join(_invoice_facts(world).drop("trandate", "duedate"), on="invoice", how="inner", maintain_order="left")
        .with_columns(
            memo_id=identity(own),
            tax=half_up(pl.col("worth") * pl.col("permille"), 1000, pl.col("step")),
            created=pl.col("credit_on").cast(pl.Datetime("us")) + pl.duration(hours=16),
            zero=pl.lit("0"),
            one=pl.lit("1"),
            two=pl.lit("2"),
        )
        .with_columns(
            base_gross=half_up(
                pl.col("base_total").cast(pl.Int128) * (pl.col("worth") + pl.col("tax")),
                pl.col("total"),
                pl.col("base_step"),
            ),
            base_tax=exchange("tax", "rate_micro", "base_step"),
            reduces=pl.col("reason").is_in(list(REVENUE_REASONS)),
        )
        .with_columns(base_worth=pl.col("base_gross") - pl.col("base_tax"))
    )
    return Documents(
        _credit_headers(rows),
        pl.concat([_credit_mains(rows), _credit_lines(rows), _credit_taxes(rows)]),
        _applied(
            rows.select(
                "invoice", "created", doc="memo_id", kind=pl.lit("CustCred"), amount=pl.col("worth") + pl.col("tax")
            )
        ),
    )


def _credit_headers(rows: pl.DataFrame) -> pl.DataFrame:
    total = pl.col("worth") + pl.col("tax")
    return conform(
        "transaction",
        rows.select(
            "currency", "custbody_sow_number", "custbody_sf_contract_id",
            id="memo_id",
            type=pl.lit("CustCred"),
            tranid=pl.lit("CM") + pl.col("memo_id"),
            trandate="credit_on",
            createddate="created",
            lastmodifieddate="created",
            entity="customer",
            exchangerate=micro_rate("rate_micro"),
            foreigntotal=money(-total),
            foreignamountpaid=money(pl.lit(0)),
            foreignamountunpaid=money(pl.lit(0)),
            closedate="credit_on",
            status=pl.lit("B"),
            approvalstatus=pl.lit("2"),
            posting=pl.lit(True),
            postingperiod=period_id(month_number("credit_on")),
            voided=pl.lit(False),
            isreversal=pl.lit(False),
            custbody_credit_reason="reason",
        ),
    )  # fmt: skip


def _credit_mains(rows: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        rows.select(
            "subsidiary",
            transaction="memo_id",
            id="zero",
            uniquekey=unique_key("memo_id", "zero"),
            linesequencenumber=pl.lit(0),
            mainline=pl.lit(True),
            taxline=pl.lit(False),
            entity="customer",
            foreignamount=money(-(pl.col("worth") + pl.col("tax"))),
            netamount=money(-(pl.col("base_worth") + pl.col("base_tax"))),
            createdfrom="invoice",
            linelastmodifieddate="created",
        ),
    )


def _credit_lines(rows: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        rows.select(
            "subsidiary", "item", "entity", "class", "custcol_line_key", "custcol_sf_order_item_id",
            "custcol_sow_version", "custcol_billing_type",
            transaction="memo_id",
            id="one",
            uniquekey=unique_key("memo_id", "one"),
            linesequencenumber=pl.lit(1),
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            itemtype=pl.lit("Service"),
            foreignamount=money("worth"),
            netamount=money("base_worth"),
            createdfrom="invoice",
            revenueelement=pl.when("reduces").then(return_element("memo_id")),
            needsrevenueelement="reduces",
            isbillable=pl.lit(False),
            memo=pl.when(pl.col("timerecord").is_not_null()).then(pl.lit("Rejected time ") + pl.col("timerecord")),
            linelastmodifieddate="created",
            custcol_credited_line="credited_line",
        ),
    )  # fmt: skip


def return_element(memo: str) -> pl.Expr:
    """The id of the return element of a credit memo's line."""
    return identity(pl.col(memo).cast(pl.Int64) * 10 + 1)


def _credit_taxes(rows: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        rows.filter(pl.col("tax") != 0).select(
            "subsidiary",
            transaction="memo_id",
            id="two",
            uniquekey=unique_key("memo_id", "two"),
            linesequencenumber=pl.lit(2),
            mainline=pl.lit(False),
            taxline=pl.lit(True),
            entity="customer",
            foreignamount=money("tax"),
            netamount=money("base_tax"),
            linelastmodifieddate="created",
        ),
    )


def _applied(rows: pl.DataFrame) -> pl.DataFrame:
    """Links from invoices to what settles them: invoice, doc, kind, amount, created."""
    return conform(
        "nexttransactionlinelink",
        rows.select(
            previousdoc="invoice",
            previousline=pl.lit("0"),
            previoustype=pl.lit("CustInvc"),
            nextdoc="doc",
            nextline=pl.lit("0"),
            nexttype="kind",
            linktype=pl.lit("Payment"),
            foreignamount=money("amount"),
            lastmodifieddate="created",
        ),
    )


def _wanted_payments(world: World, open_invoices: pl.DataFrame) -> pl.DataFrame:
    """The payments of the history: invoice, part (0, 1), worth, paid_on. `open_invoices` has what is left to pay."""
    seed, close = world.firm.seed, close_of(world.firm)
    late = np.maximum(
        -5, np.round(9 + 10 * normal(open_invoices["invoice"].cast(pl.Int64), "payment/late", seed))
    ).astype(np.int64)
    parted = draw(open_invoices["invoice"].cast(pl.Int64), "payment/parts", seed) < _IN_PARTS
    share = (400 + draw(open_invoices["invoice"].cast(pl.Int64), "payment/share", seed) * 300).astype(np.int64)
    day = (pl.col("duedate") + pl.duration(days=pl.lit(pl.Series(late)))).dt.add_business_days(0, roll="forward")
    rows = open_invoices.with_columns(paid_on=day, parted=pl.Series(parted), share=pl.Series(share))
    first = half_up(pl.col("left") * pl.col("share"), 1000, pl.col("step"))
    rows = rows.with_columns(first=pl.when("parted").then(first).otherwise("left"))
    later = rows.filter("parted").with_columns(
        part=pl.lit(1, pl.Int64),
        worth=pl.col("left") - pl.col("first"),
        paid_on=(pl.col("paid_on") + pl.duration(days=20)).dt.add_business_days(0, roll="forward"),
    )
    rows = pl.concat([rows.with_columns(part=pl.lit(0, pl.Int64), worth=pl.col("first")).select(later.columns), later])
    rows = rows.filter(pl.col("paid_on") <= close.last_day, pl.col("worth") > 0)
    return rows.sort("invoice", "part").select("invoice", "part", "worth", "paid_on")


def _left(links: pl.DataFrame) -> pl.DataFrame:
    """invoice, cash, credited: what was applied to each invoice so far, in hundredths."""
    applied = links.filter(pl.col("linktype") == "Payment").with_columns(worth=hundredths("foreignamount"))
    is_cash = pl.col("nexttype") == "CustPymt"
    return applied.group_by(invoice="previousdoc").agg(
        cash=pl.col("worth").filter(is_cash).sum(), credited=pl.col("worth").filter(~is_cash).sum()
    )


def payments_for(world: World, wanted: pl.DataFrame | Choice) -> Documents:
    """Customer payments: invoice, part (0 or 1), worth (hundredths), paid_on; or what chooses them from open invoices.

    An exchange difference between invoice and payment goes to exchange gain and loss when the payment is posted; the
    receivable is cleared at the invoice's rate, in shares that add up to what the invoice posted.
    """
    facts = _invoice_facts(world)
    applied = _left(world["netsuite.nexttransactionlinelink"])
    opened = facts.join(applied, on="invoice", how="left", maintain_order="left").with_columns(
        pl.col("cash", "credited").fill_null(0)
    )
    opened = opened.with_columns(left=pl.col("total") - pl.col("cash") - pl.col("credited")).filter(pl.col("left") > 0)
    rows = wanted if isinstance(wanted, pl.DataFrame) else wanted(world, opened)
    paid_base = exchange("worth", "pay_rate", "base_step")
    rows = (
        with_rate(
            rows.join(opened.rename({"rate_micro": "invoice_rate"}), on="invoice", how="inner", maintain_order="left"),
            world, "paid_on",
        )
        .rename({"rate_micro": "pay_rate"})
        .with_columns(
            doc=identity(pl.col("invoice").cast(pl.Int64) + PAYMENT + pl.col("part") * PAYMENT),
            created=pl.col("paid_on").cast(pl.Datetime("us")) + pl.duration(hours=17),
            reached=pl.col("total") - pl.col("left") + pl.col("worth").cum_sum().over("invoice"),
            base_paid=paid_base,
            zero=pl.lit("0"), one=pl.lit("1"), two=pl.lit("2"),
        )
    )  # fmt: skip
    share = pl.col("base_total").cast(pl.Int128)
    after = half_up(share * pl.col("reached"), pl.col("total"), pl.col("base_step"))
    before = half_up(share * (pl.col("reached") - pl.col("worth")), pl.col("total"), pl.col("base_step"))
    rows = rows.with_columns(base_cleared=after - before).with_columns(
        gain=pl.col("base_cleared") - pl.col("base_paid")
    )
    return Documents(
        _payment_headers(rows),
        _payment_lines(rows),
        _applied(rows.select("invoice", "created", "doc", kind=pl.lit("CustPymt"), amount="worth")),
    )


def _payment_headers(rows: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transaction",
        rows.select(
            "currency",
            id="doc",
            type=pl.lit("CustPymt"),
            tranid=pl.lit("PAY") + pl.col("doc"),
            trandate="paid_on",
            createddate="created",
            lastmodifieddate="created",
            entity="customer",
            exchangerate=micro_rate("pay_rate"),
            foreigntotal=money("worth"),
            status=pl.lit("C"),
            approvalstatus=pl.lit("2"),
            posting=pl.lit(True),
            postingperiod=period_id(month_number("paid_on")),
            voided=pl.lit(False),
            isreversal=pl.lit(False),
        ),
    )


def _payment_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Cash in (line 0), the receivable it clears (line 1), and the exchange difference where there is one (line 2)."""
    shapes = (
        ("zero", True, pl.col("worth"), pl.col("base_paid")),
        ("one", False, -pl.col("worth"), -pl.col("base_cleared")),
        ("two", False, pl.lit(0), pl.col("gain")),
    )
    parts = []
    for line, main, amount, base in shapes:
        wanted = rows.filter(pl.col("gain") != 0) if line == "two" else rows
        parts.append(
            conform(
                "transactionline",
                wanted.select(
                    "subsidiary",
                    transaction="doc",
                    id=line,
                    uniquekey=unique_key("doc", line),
                    linesequencenumber=pl.col(line).cast(pl.Int64),
                    mainline=pl.lit(main),
                    taxline=pl.lit(False),
                    entity="customer",
                    foreignamount=money(amount),
                    netamount=money(base),
                    linelastmodifieddate="created",
                ),
            )
        )
    return pl.concat(parts)


def settled(transactions: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Transactions with cash, open amount, state and last change of each invoice as its links say."""
    applied = links.filter(pl.col("linktype") == "Payment").group_by(id="previousdoc").agg(
        touched=pl.col("lastmodifieddate").max()
    )  # fmt: skip
    sums = _left(links).rename({"invoice": "id"}).join(applied, on="id", how="left")
    rows = transactions.join(sums, on="id", how="left", maintain_order="left")
    is_settled = (pl.col("type") == "CustInvc") & pl.col("cash").is_not_null()
    left = hundredths("foreigntotal") - pl.col("cash") - pl.col("credited")
    closed = is_settled & (left <= 0)
    rows = rows.with_columns(
        foreignamountpaid=pl.when(is_settled).then(money("cash")).otherwise("foreignamountpaid"),
        foreignamountunpaid=pl.when(is_settled).then(money(left)).otherwise("foreignamountunpaid"),
        status=pl.when(closed).then(pl.lit("B")).otherwise("status"),
        closedate=pl.when(closed).then(pl.col("touched").dt.date()).otherwise("closedate"),
        lastmodifieddate=pl.when(is_settled)
        .then(pl.max_horizontal("touched", "lastmodifieddate"))
        .otherwise("lastmodifieddate"),
    )
    return rows.select(list(SCHEMAS["transaction"]))
