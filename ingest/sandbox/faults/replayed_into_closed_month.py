"""A job was run again for an old month and posted travel costs there, weeks after that month was closed.

Strikes after recognition: Dr 6100 / Cr 2100 dated in a month that is closed, made in the last days. Money: the debit,
in the currency of the books.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import in_books, late_costs
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    return [
        fault_row(
            world, "K55", "period", in_books(journals, 0), row["base"],
            [record("netsuite", "transaction", str(number))],
            at_fault="netsuite", action_kind="REVERSE_AND_REPOST", on=row["on"],
        )
        for row, number, journals in late_costs(world, share, "fault/replayed_into_closed_month", 11)
    ]  # fmt: skip


FAULT = Fault(
    pattern="replayed_into_closed_month",
    check="K55",
    stage="recognised",
    rates=shares(0.001, 0.003, 0.01),
    inject=_inject,
)
