"""A recharge was posted by both entities at a rate that somebody typed, a tenth below the one finance agreed.

Strikes after recognition. Money: hours x the difference of the rates, in the currency of the rate.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._intercompany import chosen, lines_of, recharge_truth
from ingest.sandbox.faults._ledger import take_out
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_amounts import half_up, worth_of
from ingest.sandbox.ns_intercompany import journals_for
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = chosen(world, share, "fault/recharge_at_other_rate")
    if rows.is_empty():
        return []
    take_out(world, lines_of(rows))
    typed = half_up(pl.col("rate") * 9, 1000) * 100
    wrong = rows.with_columns(rate=typed).with_columns(agreed="worth", worth=worth_of("time", "rate"))
    journals = journals_for(world, wrong)
    for stream, lines in (("transactionline", journals.lines), ("transactionaccountingline", journals.postings)):
        world[f"netsuite.{stream}"] = pl.concat([world[f"netsuite.{stream}"], lines])
    return [
        recharge_truth(world, row, "amount", row["agreed"] - row["worth"], action_kind="REVERSE_AND_REPOST")
        for row in wrong.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="recharge_at_other_rate", check="K22", stage="recognised", rates=shares(0.003, 0.02, 0.08), inject=_inject
)
