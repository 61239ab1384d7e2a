"""An upsell was filed as a renewal although it adds to what runs: it moves the wrong bar of the backlog.

Strikes at the end. Money: what the amendment added.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._labels import relabelled
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    return relabelled(world, share, types=["Upsell"], label="Renewal", salt="fault/upsell_called_renewal")


FAULT = Fault(
    pattern="upsell_called_renewal", check="K68", stage="copied", rates=shares(0.005, 0.03, 0.12), inject=_inject
)
