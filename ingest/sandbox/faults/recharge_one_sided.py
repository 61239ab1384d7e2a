"""Of a recharge only the performing entity's half was posted: the contracting entity has neither cost nor debt.

Strikes after recognition. Money: what the contracting entity owes, in the currency of the rate.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._intercompany import chosen, lines_of, recharge_truth
from ingest.sandbox.faults._ledger import take_out
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_intercompany import SIDES
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_THEIRS = tuple(side for side, (whose, _, _) in enumerate(SIDES) if whose == "contractor")


def _inject(world: World, share: float) -> list[Truth]:
    rows = chosen(world, share, "fault/recharge_one_sided")
    if rows.height:
        take_out(world, lines_of(rows, _THEIRS))
    return [
        recharge_truth(world, row, "amount", row["worth"], action_kind="REVERSE_AND_REPOST")
        for row in rows.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="recharge_one_sided", check="K22", stage="recognised", rates=shares(0.003, 0.02, 0.08), inject=_inject
)
