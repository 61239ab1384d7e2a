"""A task was completed and accepted without touching its milestone: no charge was made, nothing was billed.

Strikes after billing, on milestones accepted more than a week ago. Money: the milestone.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults.milestone_left_on_hold import truth, unbilled
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = unbilled(world, share, "fault/milestone_never_charged")
    charges = world["netsuite.charge"]
    world["netsuite.charge"] = charges.filter(~pl.col("id").is_in(chosen["charge"].implode()))
    return truth(world, chosen, "CREATE")


FAULT = Fault(
    pattern="milestone_never_charged", check="K31", stage="billed", rates=shares(0.003, 0.015, 0.045), inject=_inject
)
