"""Invoices of the sandbox's NetSuite: the billing run turns Ready charges into invoice lines, each charge once.

Time and expenses are billed monthly in arrears, one invoice per order and posting month, a line per order line or per
person; milestones and services have an invoice each. `invoices_for` takes charges that were given an invoice number, so
the same function bills a month of the whole firm and a single late charge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import EXPENSE_ITEM
from ingest.sandbox.ns_amounts import exchange, half_up, hundredths, micro_rate, money
from ingest.sandbox.ns_ids import (
    CHARGE_MILESTONE,
    INVOICE_MILESTONE,
    INVOICE_SERVICE,
    INVOICE_TIME,
    ORDER,
    identity,
    number_of,
    unique_key,
)
from ingest.sandbox.ns_orders import expense_element, order_heads, order_lines, with_rate
from ingest.sandbox.ns_periods import close_of, month_number, period_id, period_table, posting_month
from ingest.sandbox.world import World, draw, kept, normal

__all__ = ["TAX_PERMILLE", "Billing", "bill_ready_charges", "invoices_for", "tax_rates"]

#: Tax on services sold inside a country, in thousandths. Services across a border carry none.
TAX_PERMILLE: dict[str, int] = {
    "DE": 190, "GB": 200, "JP": 100, "CA": 50, "FR": 200, "AU": 100, "CH": 81, "SE": 250, "NL": 210, "SG": 90,
    "PL": 230, "IN": 180, "DK": 250, "NO": 250, "IT": 220, "ES": 210, "AT": 200, "BE": 210, "IE": 230, "FI": 255,
    "PT": 230, "LU": 170, "CZ": 210, "NZ": 150, "ZA": 150, "MX": 160, "IL": 180,
}  # fmt: skip

#: What an invoice line takes over from its charges besides their amounts.
_KEPT = ("salesorder", "salesorderline", "billto", "billingitem")
_LAG_MEDIAN, _LAG_SIGMA = 6.0, 0.70
_ONE_CALL = 2  # business days within which an accepted milestone is billed
_BY_PERSON = 0.5  # share of orders whose time is billed by person


@dataclass(frozen=True)
class Billing:
    """What a billing run adds: invoice headers, their lines, links to the order, and where each charge went."""

    transactions: pl.DataFrame
    lines: pl.DataFrame
    links: pl.DataFrame
    charges: pl.DataFrame


def bill_ready_charges(world: World) -> None:
    """Bill every Ready charge whose invoice date has come by the day of observation."""
    charges = world["netsuite.charge"]
    batch = _scheduled(world, charges.lazy().filter(pl.col("stage") == "Ready"))
    billing = invoices_for(world, batch)
    world["netsuite.transaction"] = pl.concat([world["netsuite.transaction"], billing.transactions])
    world["netsuite.transactionline"] = pl.concat([world["netsuite.transactionline"], billing.lines])
    world["netsuite.nexttransactionlinelink"] = billing.links
    world["netsuite.charge"] = _processed(charges, billing.charges)


def _scheduled(world: World, ready: pl.LazyFrame) -> pl.DataFrame:
    """Charges with the invoice they go on: id, invoice, bill_on, event, person. Those not due yet are left out."""
    close = close_of(world.firm)
    people = world["netsuite.timebill"].lazy().select(timerecord=number_of("id"), person=number_of("employee"))
    wanted = ["id", *_KEPT, "chargedate", "createddate", "amount", "quantity", "rate"]
    running = pl.col("chargetype").is_in(["Time-Based", "Expense-Based"])
    timed = ready.filter(running).select(*wanted, number_of("timerecord"))
    timed = timed.join(people, on="timerecord", how="left", maintain_order="left").drop("timerecord")
    arrears = _in_arrears(world, timed.collect())
    fixed = _on_event(world, ready.filter(~running).select(*wanted, "externalid").collect())
    batch = pl.concat([arrears, fixed.select(arrears.columns)])
    return batch.filter(pl.col("bill_on") <= close.last_day)


def _in_arrears(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """Time and expenses: one invoice per order and posting month, some days after its cut-off."""
    months = posting_month(rows, "chargedate", "createddate", period_table(world.firm))
    rows = rows.with_columns(month=months)
    keys = rows.select("salesorder", "month").unique(maintain_order=True)
    invoice = pl.col("salesorder").cast(pl.Int64) - ORDER
    keys = keys.with_columns(invoice=invoice * 100 + pl.col("month") % 100 + INVOICE_TIME)
    seed = world.firm.seed
    lag = np.clip(np.exp(np.log(_LAG_MEDIAN) + _LAG_SIGMA * normal(keys["invoice"], "invoice/lag", seed)), 2, 27)
    ends = period_table(world.firm).select("month", "end", closing=pl.col("cut_off").dt.date())
    keys = keys.with_columns(lag=pl.Series(lag.astype(np.int64))).join(ends, on="month", how="left")
    day = pl.max_horizontal(pl.col("end") + pl.duration(days="lag"), pl.col("closing") + pl.duration(days=1))
    sows = order_heads(world).select(salesorder="order", sow_number="sow_number")
    keys = keys.with_columns(bill_on=_business_day(day)).join(sows, on="salesorder", how="left")
    event = pl.col("sow_number") + pl.lit("/TM/") + period_id("month")
    keys = keys.select("salesorder", "month", "invoice", "bill_on", event=event)
    by_person = keys.select("salesorder").unique(maintain_order=True)
    chosen = by_person.filter(
        pl.Series(draw(by_person["salesorder"].cast(pl.Int64), "invoice/person", seed) < _BY_PERSON)
    )
    split = pl.col("salesorder").is_in(chosen["salesorder"].implode())
    rows = rows.with_columns(person=pl.when(split).then(pl.col("person").fill_null(0)).otherwise(0))
    rows = rows.drop("chargedate", "createddate")
    return rows.join(keys, on=["salesorder", "month"], how="left", maintain_order="left").drop("month")


def _on_event(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """Milestones and services: an invoice each, within two business days of the day they became ready."""
    number = pl.col("id").cast(pl.Int64)
    is_milestone = pl.col("externalid").is_not_null()
    month = month_number("chargedate") % 100
    service = (pl.col("salesorder").cast(pl.Int64) - ORDER) * 100 + month + INVOICE_SERVICE
    wait = pl.Series(
        (draw(rows["id"].cast(pl.Int64), "invoice/wait", world.firm.seed) * (_ONE_CALL + 1)).astype(np.int64)
    )
    sows = order_heads(world).select(salesorder="order", sow_number="sow_number")
    rows = rows.join(sows, on="salesorder", how="left", maintain_order="left").with_columns(wait=wait)
    day = pl.col("chargedate").dt.add_business_days(pl.col("wait"), roll="forward")
    return rows.with_columns(
        person=pl.lit(0, pl.Int64),
        invoice=pl.when(is_milestone).then(number - CHARGE_MILESTONE + INVOICE_MILESTONE).otherwise(service),
        bill_on=day,
        event=pl.when(is_milestone)
        .then("externalid")
        .otherwise(pl.col("sow_number") + pl.lit("/MS/") + period_id(month_number("chargedate"))),
    ).with_columns(bill_on=pl.col("bill_on").max().over("invoice"))


def _business_day(day: pl.Expr) -> pl.Expr:
    return day.dt.add_business_days(0, roll="forward")


@kept
def tax_rates(world: World) -> pl.DataFrame:
    """customer, subsidiary, permille: the tax a subsidiary adds for a customer of its own country."""
    countries = world["netsuite.subsidiary"].select(subsidiary="id", home="country")
    addresses = world["netsuite.entityaddress"].select(defaultbillingaddress="nkey", at="country")
    customers = world["netsuite.customer"].join(addresses, on="defaultbillingaddress", how="left")
    pairs = order_heads(world).select("customer", "subsidiary").unique()
    rows = pairs.join(customers.select("at", customer="id"), on="customer", how="left").join(
        countries, on="subsidiary", how="left"
    )
    taxed = pl.when(pl.col("at") == pl.col("home")).then("home")
    return rows.select(
        "customer",
        "subsidiary",
        permille=taxed.replace_strict(TAX_PERMILLE, default=0, return_dtype=pl.Int64).fill_null(0),
    )


def invoices_for(world: World, batch: pl.DataFrame) -> Billing:
    """Invoices of charges that were given an invoice number, a day and a billing event (see `_scheduled`)."""
    keys = ["invoice", *_KEPT, "person"]
    batch = batch.with_columns(pl.col("salesorderline").fill_null("0"))
    grouped = batch.group_by(keys).agg(
        pl.col("bill_on", "event").first(),
        worth=hundredths("amount").sum(),
        quantity=pl.col("quantity").sum().cast(pl.Decimal(12, 4)),
        low=pl.col("rate").min(),
        high=pl.col("rate").max(),
    )
    order = [
        pl.col("invoice"),
        pl.col("billingitem"),
        pl.col("salesorderline").cast(pl.Int64),
        pl.col("billto"),
        pl.col("person"),
    ]
    grouped = grouped.sort(order).with_columns(line=identity(pl.int_range(1, pl.len() + 1).over("invoice")))
    lines = _described(world, grouped)
    heads = _heads(world, lines)
    charges = batch.select("id", *keys).join(grouped.select(*keys, "line"), on=keys, how="left", maintain_order="left")
    return Billing(
        transactions=_invoice_headers(heads),
        lines=pl.concat([_main_lines(heads), _item_lines(lines), _tax_lines(heads)]),
        links=_order_links(lines),
        charges=charges.select("id", invoice=identity(pl.col("invoice")), invoiceline="line"),
    )


def _described(world: World, grouped: pl.DataFrame) -> pl.DataFrame:
    """Invoice lines with what they take over from the order line: key, element, class, type."""
    taken = order_lines(world).select(
        "order_line", "line_key", "element", "version", "billing_type", "order_item", salesorder="order"
    )
    heads = order_heads(world).drop("order_on", "order_number", "order_rate", "nte").rename({"order": "salesorder"})
    classes = world["netsuite.job"].select(billto="id", class_id="custentity_practice")
    rows = (
        grouped.join(
            taken, left_on=["salesorder", "salesorderline"], right_on=["salesorder", "order_line"], how="left",
            maintain_order="left",
        )
        .join(heads, on="salesorder", how="left", maintain_order="left")
        .join(classes, on="billto", how="left", maintain_order="left")
    )  # fmt: skip
    is_expense = pl.col("billingitem") == EXPENSE_ITEM
    rows = rows.with_columns(
        element=pl.when(is_expense).then(expense_element("salesorder")).otherwise("element"),
        invoice=identity(pl.col("invoice")),
        created=pl.col("bill_on").cast(pl.Datetime("us")) + pl.duration(hours=15),
    )
    rows = with_rate(rows, world, "bill_on")
    return rows.with_columns(base_worth=exchange("worth", "rate_micro", "base_step"))


def _heads(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per invoice: totals net, tax and gross in document and base currency, due date."""
    terms = world["netsuite.customer"].select(
        customer="id", days=pl.col("terms").str.extract(r"(\d+)").cast(pl.Int64).fill_null(30)
    )
    contract_terms = world["salesforce.Contract"].select(
        contract="Id", own=pl.col("Payment_Terms__c").str.extract(r"(\d+)").cast(pl.Int64)
    )
    heads = lines.group_by("invoice", maintain_order=True).agg(
        pl.col("customer", "subsidiary", "currency", "contract", "sow_number", "event", "bill_on", "created", "step",
               "base_step", "rate_micro", "iso", "base", "salesorder").first(),
        net=pl.col("worth").sum(), base_net=pl.col("base_worth").sum(), lines=pl.len(),
    )  # fmt: skip
    heads = (
        heads.join(tax_rates(world), on=["customer", "subsidiary"], how="left", maintain_order="left")
        .join(terms, on="customer", how="left", maintain_order="left")
        .join(contract_terms.unique("contract", keep="first"), on="contract", how="left", maintain_order="left")
        .with_columns(tax=half_up(pl.col("net") * pl.col("permille").fill_null(0), 1000, pl.col("step")))
    )
    return heads.with_columns(
        base_tax=exchange("tax", "rate_micro", "base_step"),
        due_on=pl.col("bill_on") + pl.duration(days=pl.coalesce("own", "days")),
        tax_line=identity(pl.col("lines") + 1),
        zero=pl.lit("0"),
    )


def _invoice_headers(heads: pl.DataFrame) -> pl.DataFrame:
    total = pl.col("net") + pl.col("tax")
    return conform(
        "transaction",
        heads.select(
            "currency",
            id="invoice",
            type=pl.lit("CustInvc"),
            tranid=pl.lit("INV") + pl.col("invoice"),
            trandate="bill_on",
            duedate="due_on",
            createddate="created",
            lastmodifieddate="created",
            entity="customer",
            exchangerate=micro_rate("rate_micro"),
            foreigntotal=money(total),
            foreignamountpaid=money(pl.lit(0)),
            foreignamountunpaid=money(total),
            status=pl.lit("A"),
            approvalstatus=pl.lit("2"),
            posting=pl.lit(True),
            postingperiod=period_id(month_number("bill_on")),
            voided=pl.lit(False),
            isreversal=pl.lit(False),
            custbody_sow_number="sow_number",
            custbody_sf_contract_id="contract",
            custbody_billing_event_key="event",
        ),
    )


def _main_lines(heads: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        heads.select(
            "subsidiary",
            transaction="invoice",
            id="zero",
            uniquekey=unique_key("invoice", "zero"),
            linesequencenumber=pl.lit(0),
            mainline=pl.lit(True),
            taxline=pl.lit(False),
            entity="customer",
            foreignamount=money(pl.col("net") + pl.col("tax")),
            netamount=money(pl.col("base_net") + pl.col("base_tax")),
            linelastmodifieddate="created",
        ),
    )


def _item_lines(lines: pl.DataFrame) -> pl.DataFrame:
    one_rate = pl.when(pl.col("low") == pl.col("high")).then("low")
    return conform(
        "transactionline",
        lines.select(
            "subsidiary",
            transaction="invoice",
            id="line",
            uniquekey=unique_key("invoice", "line"),
            linesequencenumber=pl.col("line").cast(pl.Int64),
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            item="billingitem",
            itemtype=pl.lit("Service"),
            entity="billto",
            quantity=-pl.col("quantity"),
            rate=one_rate,
            foreignamount=money(-pl.col("worth")),
            netamount=money(-pl.col("base_worth")),
            createdfrom="salesorder",
            revenueelement="element",
            needsrevenueelement=pl.lit(True),
            isbillable=pl.lit(False),
            linelastmodifieddate="created",
            custcol_line_key="line_key",
            custcol_sf_order_item_id="order_item",
            custcol_sow_version="version",
            custcol_billing_type="billing_type",
            **{"class": "class_id"},
        ),
    )


def _tax_lines(heads: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        heads.filter(pl.col("tax") != 0).select(
            "subsidiary",
            transaction="invoice",
            id="tax_line",
            uniquekey=unique_key("invoice", "tax_line"),
            linesequencenumber=pl.col("tax_line").cast(pl.Int64),
            mainline=pl.lit(False),
            taxline=pl.lit(True),
            entity="customer",
            foreignamount=money(-pl.col("tax")),
            netamount=money(-pl.col("base_tax")),
            linelastmodifieddate="created",
        ),
    )


def _order_links(lines: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "nexttransactionlinelink",
        lines.filter(pl.col("salesorderline") != "0").select(
            previousdoc="salesorder",
            previousline="salesorderline",
            previoustype=pl.lit("SalesOrd"),
            nextdoc="invoice",
            nextline="line",
            nexttype=pl.lit("CustInvc"),
            linktype=pl.lit("OrdBill"),
            foreignamount=money("worth"),
            lastmodifieddate="created",
        ),
    )


def _processed(charges: pl.DataFrame, billed: pl.DataFrame) -> pl.DataFrame:
    """Charges with the invoice line that took them."""
    found = charges.select(number_of("id")).join(
        billed.with_columns(number_of("id")), on="id", how="left", maintain_order="left"
    )
    taken = found["invoice"].is_not_null()
    stage = pl.when(taken).then(pl.lit("Processed")).otherwise("stage")
    return charges.with_columns(stage=stage, invoice=found["invoice"], invoiceline=found["invoiceline"])
