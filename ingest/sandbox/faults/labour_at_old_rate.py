"""A new cost rate came from human resources after the month was posted: a project has its labour at the old rate.

Strikes after recognition: the old rates were a tenth lower. Money: a tenth of hours x cost rates, in their currency.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._costs import chosen, labour_posted, truth
from ingest.sandbox.faults._ledger import ledger_line, take_out
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_amounts import half_up
from ingest.sandbox.ns_costs import labour_journals, labour_line
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = chosen(world, labour_posted(world), share, "fault/labour_at_old_rate")
    if rows.is_empty():
        return []
    take_out(world, pl.concat([rows.select("transaction", id=labour_line(side)) for side in (0, 1)]))
    old = half_up(pl.col("worth") * 9, 10, pl.col("step"))
    rows = rows.with_columns(due="worth", worth=old, line=labour_line(0))
    journals = labour_journals(rows.drop("line"))
    for stream, lines in (("transactionline", journals.lines), ("transactionaccountingline", journals.postings)):
        world[f"netsuite.{stream}"] = pl.concat([world[f"netsuite.{stream}"], lines])
    return [
        truth(
            world, row, "K71", "amount", row["due"] - row["worth"],
            [record("netsuite", "transactionaccountingline", ledger_line(row["transaction"], row["line"]))],
            action_kind="REVERSE_AND_REPOST",
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="labour_at_old_rate", check="K71", stage="recognised", rates=shares(0.0005, 0.004, 0.015), inject=_inject
)
