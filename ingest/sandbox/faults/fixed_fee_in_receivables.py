"""Unbilled revenue at a fixed fee was moved to the receivables, although its right waits for a milestone.

Strikes after recognition: Dr 1260 / Cr 1250 at the end of the last month, tagged with the arrangement. Money: what was
moved.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._balances import moved, moved_records, standing
from ingest.sandbox.faults._ledger import amount_of, units
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/fixed_fee_in_receivables"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, standing(world, _SALT), _SALT, 1, 6).filter(
        pl.col("asset") >= pl.col("worth"), pl.col("deferred") == 0, pl.col("receivable") == 0
    )
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement", alone="sow")
    moved(world, chosen, 15, "1260", "1250", "Unbilled fixed fee to receivable")
    return [
        fault_row(
            world, "K63", "classification", amount_of(row), row["iso"], moved_records(row, 15),
            at_fault="netsuite", action_kind="RECLASS", owner="revenue_accounting", on=row["on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="fixed_fee_in_receivables", check="K63", stage="recognised", rates=shares(0.004, 0.02, 0.08), inject=_inject
)
