"""The unbilled adjustment of an agreement was not reversed when its invoice came: receivable and advance both stand.

Strikes after recognition: Dr 1260 / Cr 2400 at the end of the last month, tagged with the arrangement, on agreements
under way that have nothing unbilled. Money: what was posted.
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

_SALT = "fault/adjustment_not_reversed"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, standing(world, _SALT), _SALT, 1, 9).filter(
        pl.col("asset") == 0, pl.col("receivable") == 0, pl.col("deferred") > 0, pl.col("ends") > pl.col("on")
    )
    chosen = pick(world, billed_right(world, candidates), share, salt=_SALT, key="arrangement", alone="sow")
    moved(world, chosen, 16, "1260", "2400", "Unbilled adjustment")
    return [
        fault_row(
            world, "K56", "amount", amount_of(row), row["iso"], moved_records(row, 16)[::2],
            at_fault="netsuite", action_kind="RECLASS", owner="finance_operations", on=row["on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="adjustment_not_reversed", check="K56", stage="recognised", rates=shares(0.003, 0.015, 0.06), inject=_inject
)
