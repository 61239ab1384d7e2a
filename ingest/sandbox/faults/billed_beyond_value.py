"""A fixed fee was billed beyond its value: somebody made a charge for a workshop no amendment covers.

Strikes after billing: the charge takes what is left of the line, and more; its invoice posts in the last month. Money:
what is billed beyond the signed value.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._billing import struck
from ingest.sandbox.faults._terms import fault_row, hundredth, shares
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.ns_documents import append
from ingest.sandbox.ns_ids import FREE, identity
from ingest.sandbox.ns_invoices import invoices_for
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.ns_settlement import Documents
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]

_BLOCK = 40_000_000_000
_SALT = "fault/billed_beyond_value"


def _candidates(world: World) -> pl.DataFrame:
    """Fixed-fee lines with what was charged of them; no pattern struck their invoices, no credit touches them."""
    lines = order_lines(world).with_columns(signed=pl.col("value").sum().over("line_key"))
    fixed = lines.filter("is_base", pl.col("billing_type") == "Fixed Fee", pl.col("signed") > 0)
    charged = world["netsuite.charge"].group_by(order="salesorder", order_line="salesorderline").agg(
        charged=hundredths("amount").sum()
    )  # fmt: skip
    rows = fixed.join(charged, on=["order", "order_line"], how="inner", maintain_order="left")
    credits_ = world["netsuite.transaction"].filter(pl.col("type") == "CustCred")["id"].implode()
    touched = (
        world["netsuite.transactionline"].filter(pl.col("transaction").is_in(credits_))["custcol_line_key"].drop_nulls()
    )
    rows = rows.filter(~pl.col("line_key").is_in(touched.implode()))
    free = [sow for sow in rows["sow_number"].to_list() if struck(sow) not in world.taken]
    return rows.filter(pl.col("sow_number").is_in(free), pl.col("charged") <= pl.col("signed"))


def _inject(world: World, share: float) -> list[Truth]:
    chosen = pick(world, _candidates(world), share, salt=_SALT, key="line_key", alone="sow_number")
    if chosen.is_empty():
        return []
    world.taken.update(struck(sow) for sow in chosen["sow_number"].to_list())
    lot = pl.Series(draw(chosen["line_key"], f"{_SALT}/worth", world.firm.seed))
    number = FREE + _BLOCK + (pl.col("order").cast(pl.Int64) % 100_000_000) * 1000 + pl.col("order_line").cast(pl.Int64)
    on = world.as_of().replace(day=1) - dt.timedelta(days=12)
    on -= dt.timedelta(days=max(on.weekday() - 4, 0))
    chosen = chosen.with_columns(
        excess=(2 + (lot * 9).cast(pl.Int64)) * 100_000, number=number, day=pl.lit(on)
    ).with_columns(worth=pl.col("signed") - pl.col("charged") + pl.col("excess"))  # fmt: skip
    _bill(world, chosen)
    return [
        fault_row(
            world, "K33", "limit", hundredth(row["excess"]), row["iso"], [record("netsuite", "transactionline",
            str(row["number"] * 1000 + 1))],
            at_fault="netsuite", action_kind="CREDIT_AND_REBILL", consequences=("K60",), on=on,
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _bill(world: World, rows: pl.DataFrame) -> None:
    """Make the charges and bill each on an invoice of its own."""
    at = pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=9)
    charges = conform(
        "charge",
        rows.select(
            "currency", id=identity(pl.col("number")), billto="job", stage=pl.lit("Processed"), use=pl.lit("Actual"),
            chargetype=pl.lit("Fixed Date"), chargedate="day", quantity=pl.lit(1), rate=money("worth"),
            amount=money("worth"),
            billingitem="item", salesorder="order", salesorderline="order_line", createddate=at, lastmodifieddate=at,
        ),
    )  # fmt: skip
    batch = charges.join(
        rows.select("number", "day", "sow_number", id=identity(pl.col("number"))), on="id", maintain_order="left"
    ).with_columns(
        invoice="number", bill_on="day", event=pl.col("sow_number") + pl.lit("/workshop"), person=pl.lit(0, pl.Int64)
    )  # fmt: skip
    billing = invoices_for(world, batch)
    append(world, Documents(billing.transactions, billing.lines, billing.links))
    charges = charges.drop("invoice", "invoiceline").join(billing.charges, on="id", how="left", maintain_order="left")
    world["netsuite.charge"] = pl.concat([world["netsuite.charge"], conform("charge", charges)])


FAULT = Fault(
    pattern="billed_beyond_value", check="K33", stage="billed", rates=shares(0.003, 0.01, 0.03), inject=_inject
)
