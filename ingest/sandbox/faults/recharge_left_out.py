"""A project was left out of a month's recharge between two legal entities: nobody added it to the rule.

Strikes after recognition: neither entity posts anything. Money: hours x intercompany rate, in the currency of the rate.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._intercompany import chosen, lines_of, recharge_truth
from ingest.sandbox.faults._ledger import take_out
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = chosen(world, share, "fault/recharge_left_out")
    if rows.height:
        take_out(world, lines_of(rows))
    return [
        recharge_truth(world, row, "missing_right", row["worth"], action_kind="REPLAY", is_posted=False)
        for row in rows.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="recharge_left_out", check="K22", stage="recognised", rates=shares(0.005, 0.03, 0.12), inject=_inject
)
