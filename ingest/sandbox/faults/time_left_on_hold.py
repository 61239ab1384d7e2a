"""The charges of a month of time were put on hold for a question and forgotten: nobody billed them since.

Strikes after billing, on monthly invoices older than a quarter: they never came about, and their charges are on hold.
Money: the charges, in document currency.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._billing import bills
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.ns_documents import withdraw
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    billed = world["netsuite.charge"].lazy().filter(pl.col("invoice").is_not_null())
    charges = billed.select(
        "id", "invoice", "timerecord", "chargetype", "chargedate", "createddate", "amount"
    ).collect()  # fmt: skip
    overdue = world.as_of() - dt.timedelta(days=92)
    timed = charges.group_by("invoice").agg(
        is_time=pl.col("chargetype").is_in(["Time-Based", "Expense-Based"]).all(),
        made=pl.max_horizontal(pl.col("chargedate").max(), pl.col("createddate").max().dt.date()),
        worth=pl.col("amount").sum(),
    )
    rows = bills(world).filter(~pl.col("is_credited")).join(timed, on="invoice", how="inner")
    rows = rows.filter(~pl.col("invoice").is_in(_disturbed(world, charges)))
    rows = rows.filter("is_time", pl.col("made") < overdue, pl.col("worth") > 500)
    chosen = pick(world, rows, share, salt="fault/time_left_on_hold", key="invoice", alone="sow")
    chosen = chosen.filter(~world.is_taken("mark"))  # what another fault struck came about
    withdraw(world, chosen["invoice"].to_list())
    held = charges.filter(pl.col("invoice").is_in(chosen["invoice"].implode()))
    set_rows(world, "netsuite.charge", held["id"].to_list(), "id", {"stage": "Hold"})
    first = held.group_by("invoice").agg(charge=pl.col("id").min())
    rows = chosen.join(first, on="invoice", how="left", maintain_order="left")
    return [
        fault_row(
            world, "K61", "stale", Decimal(row["worth"]), row["iso"],
            [record("netsuite", "charge", row["charge"])],
            at_fault="netsuite", action_kind="RELEASE", on=row["trandate"],
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


def _disturbed(world: World, charges: pl.DataFrame) -> pl.Expr:
    """Invoices that bill an entry which another fault struck: what becomes of its charge is not for us to say."""
    times = world["netsuite.timebill"].filter(world.of_taken_entries("custcol_psa_time_entry_id"))
    return pl.lit(charges.filter(pl.col("timerecord").is_in(times["id"].implode()))["invoice"].unique().implode())


FAULT = Fault(
    pattern="time_left_on_hold", check="K61", stage="billed", rates=shares(0.001, 0.004, 0.015), inject=_inject
)
