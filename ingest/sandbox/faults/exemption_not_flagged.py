"""An obligation charged as the work is done was never flagged as left out of remaining performance obligations.

Strikes after recognition, on lines in the books before the month of the last revenue run. What is disclosed as still to
be earned is too much. Money: what the line is allocated less what it recognised.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._exemptions import flagged
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    return flagged(world, share, exempt=False, salt="fault/exemption_not_flagged")


FAULT = Fault(
    pattern="exemption_not_flagged", check="K69", stage="recognised", rates=shares(0.005, 0.02, 0.08), inject=_inject
)
