"""A fixed price carries the flag of obligations that are left out: what it still has to earn is not disclosed.

Strikes after recognition, on lines in the books before the month of the last revenue run. Money: the price of the line
less what is earned.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._exemptions import flagged
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    return flagged(world, share, exempt=True, salt="fault/fixed_fee_flagged")


FAULT = Fault(
    pattern="fixed_fee_flagged", check="K69", stage="recognised", rates=shares(0.005, 0.02, 0.08), inject=_inject
)
