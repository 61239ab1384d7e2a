"""An unbilled adjustment was posted by account: an agreement with deferred revenue got a contract asset beside it.

Strikes after recognition: Dr 1250 / Cr 2400 at the end of the last month, tagged with the arrangement. Money: what was
posted.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._balances import moved, moved_records, standing
from ingest.sandbox.faults._ledger import amount_of, units
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/adjusted_by_account"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, standing(world, _SALT), _SALT, 1, 9).filter(
        pl.col("deferred") > 0, pl.col("asset") == 0, pl.col("receivable") == 0
    )
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement", alone="sow")
    moved(world, chosen, 13, "1250", "2400", "Unbilled adjustment")
    return [
        fault_row(
            world, "K62", "classification", amount_of(row), row["iso"], moved_records(row, 13),
            at_fault="netsuite", action_kind="RECLASS", owner="revenue_accounting", consequences=("K56",),
            on=row["on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="adjusted_by_account", check="K62", stage="recognised", rates=shares(0.002, 0.015, 0.08), inject=_inject
)
