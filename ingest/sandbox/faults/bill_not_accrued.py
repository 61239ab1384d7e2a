"""A supplier's bill of the last month has not come, and nobody accrued what it will charge a project.

Strikes after recognition. Money: the approved hours of the supplier's people x their cost rates, in their currency.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._costs import chosen, costs_of, truth
from ingest.sandbox.faults._ledger import take_out
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_costs import accruals, accrued_line
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = chosen(world, accruals(costs_of(world)), share, "fault/bill_not_accrued")
    gone = [
        rows.select(transaction=journal, id=accrued_line(side))
        for journal in ("transaction", "reversal")
        for side in (0, 1)
    ]
    take_out(world, pl.concat(gone))
    return [
        truth(world, row, "K72", "missing_right", row["worth"], [], action_kind="ACCRUE")
        for row in rows.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="bill_not_accrued", check="K72", stage="recognised", rates=shares(0.02, 0.08, 0.25), inject=_inject
)
