"""A billing call timed out and was repeated: two invoices of one event, the charges point at the first only.

Strikes after billing; the copy is posted, open, and a working day younger. Money: the net of the copy. What the copy
bills without charges (K28) and beyond what was agreed (K33), and what it leaves deferred (K60, K62), follows from it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import bills, choose, documents
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.ns_documents import append, copied
from ingest.sandbox.ns_ids import FREE
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World

__all__ = ["FAULT", "copy_of"]

_BLOCK = 20_000_000_000


def copy_of(world: World, row: dict[str, object], block: int = 0) -> str:
    """Post a second copy of an invoice, a working day later; its id."""
    invoice, day = str(row["invoice"]), row["trandate"]
    assert isinstance(day, dt.date)  # noqa: S101 - a column of dates
    later = day + dt.timedelta(days=3 if day.weekday() == 4 else 1)
    number = FREE + _BLOCK + block + int(invoice)
    append(world, copied(world, invoice, number, later))
    return str(number)


def _inject(world: World, share: float) -> list[Truth]:
    latest = close_of(world.firm).last_day - dt.timedelta(days=4)
    candidates = bills(world).filter(~pl.col("is_credited"), pl.col("trandate") <= latest)
    rows: list[Truth] = []
    chosen = choose(world, candidates, share, salt="fault/invoice_sent_twice")
    for row in world.each(chosen, documents(chosen["invoice"])):
        copy = copy_of(world, row)
        rows.append(
            fault_row(
                world, "K29", "duplicate", Decimal(row["net"]) / 100, row["iso"],
                [record("netsuite", "transaction", row["invoice"]), record("netsuite", "transaction", copy)],
                at_fault="netsuite", action_kind="CREDIT_AND_REBILL", consequences=("K28", "K33", "K60", "K62"),
                on=row["trandate"],
            )
        )  # fmt: skip
    return rows


FAULT = Fault(
    pattern="invoice_sent_twice", check="K29", stage="billed", rates=shares(0.0002, 0.0015, 0.008), inject=_inject
)
