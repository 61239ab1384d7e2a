"""A project was left out of the labour journal of a month.

Strikes after recognition. Money: the approved hours of own staff x their cost rates, in the currency of the rates.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._costs import chosen, labour_posted, truth
from ingest.sandbox.faults._ledger import take_out
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_costs import labour_line
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = chosen(world, labour_posted(world), share, "fault/labour_left_out")
    take_out(world, pl.concat([rows.select("transaction", id=labour_line(side)) for side in (0, 1)]))
    return [
        truth(world, row, "K71", "missing_right", row["worth"], [], action_kind="REPLAY")
        for row in rows.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="labour_left_out", check="K71", stage="recognised", rates=shares(0.0005, 0.003, 0.012), inject=_inject
)
