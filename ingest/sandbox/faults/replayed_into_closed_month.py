"""A job was run again for an old month and posted travel costs there, weeks after that month was closed.

Strikes after recognition: Dr 6100 / Cr 2100 dated in a month that is closed, made in the last days. Money: the debit,
in the currency of the books.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import journal_number, late_costs
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_BLOCK = 11


def _inject(world: World, share: float) -> list[Truth]:
    return [
        fault_row(
            world, "K55", "period", row["in_books"], row["base"],
            [record("netsuite", "transaction", str(journal_number(_BLOCK, row["number"])))],
            at_fault="netsuite", action_kind="REVERSE_AND_REPOST", on=row["on"],
        )
        for row in late_costs(world, share, "fault/replayed_into_closed_month", _BLOCK).iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="replayed_into_closed_month",
    check="K55",
    stage="recognised",
    rates=shares(0.001, 0.003, 0.01),
    inject=_inject,
)
