"""The amount of an invoice line was overwritten when the invoice was sent: more than its charges say.

Strikes after billing, on open invoices. Money: what the line bills beyond its charges. What that bills beyond what was
agreed (K33), and what it leaves deferred (K60, K62), follows from it.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import bills, choose, lines_of
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.ns_documents import retotalled
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_MORE = Decimal(500)


def _inject(world: World, share: float) -> list[Truth]:
    chosen = choose(world, bills(world).filter("is_open"), share, salt="fault/line_overwritten")
    lines = lines_of(world).filter(pl.col("worth") > 0).sort("uniquekey")
    first = lines.unique("transaction", keep="first", maintain_order=True).select("uniquekey", invoice="transaction")
    rows = chosen.join(first, on="invoice", how="inner", maintain_order="left")
    set_rows(
        world,
        "netsuite.transactionline",
        rows["uniquekey"].to_list(),
        "uniquekey",
        {"foreignamount": pl.col("foreignamount") - _MORE},
    )
    retotalled(world, rows["invoice"].to_list())
    return [
        fault_row(
            world, "K28", "amount", _MORE, row["iso"], [record("netsuite", "transactionline", row["uniquekey"])],
            at_fault="netsuite", action_kind="CREDIT_AND_REBILL", consequences=("K33", "K60", "K62"),
            on=row["trandate"],
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(pattern="line_overwritten", check="K28", stage="billed", rates=shares(0.004, 0.015, 0.04), inject=_inject)
