"""The reversal of an unbilled adjustment was posted a second time, on an agreement that has nothing unbilled.

Strikes after recognition, on running agreements whose billing nothing else struck: Dr 2400 / Cr 1250 at the end of the
last month, tagged with the arrangement, for less than the agreement's deferred revenue. Money: what was posted.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._balances import moved, moved_records, standing
from ingest.sandbox.faults._billing import billed_right
from ingest.sandbox.faults._ledger import amount_of, units
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/unbilled_reversed_twice"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, billed_right(world, standing(world, _SALT)), _SALT, 1, 9).filter(
        pl.col("deferred") >= pl.col("worth"), pl.col("asset") == 0, pl.col("receivable") == 0,
        pl.col("ends") > pl.col("on"),
    )  # fmt: skip
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement", alone="sow")
    moved(world, chosen, 14, "2400", "1250", "Reversal of unbilled adjustment")
    return [
        fault_row(
            world, "K65", "negative", amount_of(row), row["iso"], moved_records(row, 14)[::2],
            at_fault="netsuite", action_kind="RECLASS", owner="finance_operations", consequences=("K56",),
            on=row["on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="unbilled_reversed_twice", check="K65", stage="recognised", rates=shares(0.001, 0.006, 0.02), inject=_inject
)
