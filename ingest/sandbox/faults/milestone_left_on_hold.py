"""An accepted milestone whose charge was left on hold: nobody billed it.

Strikes after billing, on milestones accepted more than a week ago: their invoice never came about. Money: the
milestone.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import choose, milestones_billed
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares
from ingest.sandbox.ns_documents import withdraw
from ingest.sandbox.world import World

__all__ = ["FAULT", "truth", "unbilled"]


def unbilled(world: World, share: float, salt: str) -> pl.DataFrame:
    """Accepted milestones by lot whose invoice is withdrawn before it posts."""
    overdue = milestones_billed(world).filter(pl.col("accepted_on") <= world.as_of() - dt.timedelta(days=8))
    chosen = choose(world, overdue, share, salt=salt, key="milestone")
    withdraw(world, chosen["invoice"].to_list())
    return chosen


def truth(world: World, chosen: pl.DataFrame, kind: str) -> list[Truth]:
    """A milestone that is accepted and not billed."""
    return [
        fault_row(
            world, "K31", "missing_right", hundredth(row["worth"]), row["iso"],
            [record("kantata", "billing_milestones", row["milestone"])],
            at_fault="netsuite", action_kind=kind, on=row["accepted_on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _inject(world: World, share: float) -> list[Truth]:
    chosen = unbilled(world, share, "fault/milestone_left_on_hold")
    set_rows(world, "netsuite.charge", chosen["charge"].to_list(), "id", {"stage": "Hold"})
    return truth(world, chosen, "RELEASE")


FAULT = Fault(
    pattern="milestone_left_on_hold", check="K31", stage="billed", rates=shares(0.003, 0.015, 0.045), inject=_inject
)
