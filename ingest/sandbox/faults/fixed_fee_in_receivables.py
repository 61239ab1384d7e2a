"""Unbilled revenue at a fixed fee was moved to the receivables, although its right waits for a milestone.

Strikes after recognition: Dr 1260 / Cr 1250 at the end of the last month, tagged with the arrangement. Money: what was
moved.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._balances import moved, standing
from ingest.sandbox.faults._ledger import amount_of, each_typed, units
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/fixed_fee_in_receivables"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, standing(world, _SALT), _SALT, 1, 6).filter(
        pl.col("asset") >= pl.col("worth"), pl.col("deferred") == 0, pl.col("receivable") == 0
    )
    rows = []
    for row in each_typed(world, pick(world, candidates, share, salt=_SALT, key="arrangement", alone="sow")):
        records = moved(world, row, 15, "1260", "1250", "Unbilled fixed fee to receivable")
        rows.append(
            fault_row(
                world, "K63", "classification", amount_of(row), row["iso"], records[:3],
                at_fault="netsuite", action_kind="RECLASS", owner="revenue_accounting", on=row["on"],
            )
        )  # fmt: skip
    return rows


FAULT = Fault(
    pattern="fixed_fee_in_receivables", check="K63", stage="recognised", rates=shares(0.004, 0.02, 0.08), inject=_inject
)
