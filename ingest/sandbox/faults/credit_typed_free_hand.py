"""A concession was typed free-hand: it names no invoice line, so no return was made and revenue stayed too high.

Strikes after billing and before revenue. Money: the net of the credit.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._credits import given
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = pick(
        world, given(world, "CONCESSION"), share, salt="fault/credit_typed_free_hand", key="memo", alone="sow"
    )
    world.taken.update(f"credit/{memo}" for memo in chosen["memo"].to_list())
    bare = {"custcol_credited_line": None, "revenueelement": None, "needsrevenueelement": False}
    set_rows(world, "netsuite.transactionline", chosen["uniquekey"].to_list(), "uniquekey", bare)
    return [
        fault_row(
            world, "K35", "missing_right", hundredth(row["worth"]), row["iso"],
            [record("netsuite", "transactionline", row["uniquekey"])],
            at_fault="netsuite", action_kind="COMPLETE", owner="revenue_accounting",
            consequences=("K44", "K46", "K47", "K49", "K50", "K56", "K57", "K69"), on=row["trandate"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="credit_typed_free_hand", check="K35", stage="billed", rates=shares(0.005, 0.04, 0.15), inject=_inject
)
