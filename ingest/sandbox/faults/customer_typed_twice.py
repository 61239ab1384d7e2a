"""A clerk typed a customer by hand that the integration had brought already: the copy has no external id.

One open invoice stands on the copy. Money: what is open on it; no agreement hangs on the copy.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._master_data import accounts, choose_accounts
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.world import World

#: The last digit of a customer's id is 3; a record typed by hand ends in 4.
_BY_HAND = 1


def _inject(world: World, share: float) -> list[Truth]:
    owing = _open_invoices(world)
    everyone = accounts(world)
    candidates = (
        everyone.join(owing, left_on="id", right_on="externalid", how="inner").unique("id", keep="first").sort("id")
    )
    chosen = choose_accounts(world, candidates, share, of=everyone.height, salt="K02")
    _copy(world, chosen)
    return [_truth(world, row) for row in chosen.iter_rows(named=True)]


def _open_invoices(world: World) -> pl.DataFrame:
    """externalid, customer, invoice, unpaid, issued: invoices on which nothing was settled, the latest first."""
    invoices = world["netsuite.transaction"].filter(
        (pl.col("type") == "CustInvc")
        & pl.col("posting")
        & ~pl.col("voided")
        & (pl.col("foreignamountunpaid") == pl.col("foreigntotal"))
        & (pl.col("foreigntotal") > 0)
    )
    settled = world["netsuite.nexttransactionlinelink"].filter(pl.col("linktype") == "Payment")["previousdoc"]
    invoices = invoices.filter(~pl.col("id").is_in(settled.implode()))
    customers = world["netsuite.customer"].select("externalid", customer="id")
    return (
        invoices.select(
            invoice="id",
            customer="entity",
            unpaid=hundredths("foreignamountunpaid"),
            issued="trandate",
            booked="currency",
        )
        .join(customers, on="customer", how="inner")
        .sort("issued", "invoice", descending=[True, False])
    )


def _by_hand(customer: str) -> str:
    return str(int(customer) + _BY_HAND)


def _copy(world: World, chosen: pl.DataFrame) -> None:
    """The customers once more, each with one of its invoices."""
    ids = {old: _by_hand(old) for old in chosen["customer"].to_list()}
    customers, addresses = world["netsuite.customer"], world["netsuite.entityaddress"]
    since = dict(chosen.select("customer", pl.col("issued").cast(pl.Datetime("us")) - pl.duration(days=1)).iter_rows())
    typed = customers.filter(pl.col("id").is_in(list(ids)))
    made = pl.col("id").replace_strict(since, return_dtype=pl.Datetime("us"))
    copy = pl.col("id").replace_strict(ids, return_dtype=pl.String)
    typed = typed.with_columns(
        id=copy,
        entityid=pl.lit("C") + copy,
        companyname=pl.col("companyname").str.replace(r",? (Inc\.|LLC|Corp\.|GmbH|AG|Ltd|plc)$", "").str.to_uppercase(),
        altname=pl.col("companyname"),
        externalid=pl.lit(None, dtype=pl.String),
        parent=pl.lit(None, dtype=pl.String),
        custentity_tax_id=pl.lit(None, dtype=pl.String),
        defaultbillingaddress=pl.lit("9") + copy,
        datecreated=made,
        lastmodifieddate=made,
    )
    world["netsuite.customer"] = conform("customer", pl.concat([customers, typed]))
    places = {f"9{old}": f"9{new}" for old, new in ids.items()}
    same = addresses.filter(pl.col("nkey").is_in(list(places))).with_columns(pl.col("nkey").replace(places))
    world["netsuite.entityaddress"] = pl.concat([addresses, same])
    invoices = chosen["invoice"].implode()
    for stream, key in (("transaction", "id"), ("transactionline", "transaction")):
        name = f"netsuite.{stream}"
        moved = pl.col(key).is_in(invoices) & pl.col("entity").is_in(list(ids))
        world[name] = world[name].with_columns(
            entity=pl.when(moved).then(pl.col("entity").replace(ids)).otherwise("entity")
        )


def _truth(world: World, row: dict[str, object]) -> Truth:
    original, issued = str(row["customer"]), row["issued"]
    assert isinstance(issued, dt.date)  # noqa: S101 - a date column
    kept, doubled = record("netsuite", "customer", original), record("netsuite", "customer", _by_hand(original))
    return fault_row(
        world, "K02", "duplicate", hundredth(int(str(row["unpaid"]))), str(row["currency"]), [kept, doubled],
        at_fault="netsuite", action_kind="MERGE", owner="master_data", on=issued - dt.timedelta(days=1),
    )  # fmt: skip


FAULT = Fault(
    pattern="customer_typed_twice",
    check="K02",
    stage="billed",
    rates={"best": 0.01, "typical": 0.08, "poor": 0.25},
    inject=_inject,
)
