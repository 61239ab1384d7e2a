"""A signed amendment was filed without a type: the backlog moves and nobody says why.

Strikes at the end. Money: what the amendment added or took away.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._labels import relabelled
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    return relabelled(world, share, types=["Upsell", "Reduction"], label=None, salt="fault/amendment_unlabelled")


FAULT = Fault(
    pattern="amendment_unlabelled", check="K68", stage="copied", rates=shares(0.005, 0.03, 0.12), inject=_inject
)
