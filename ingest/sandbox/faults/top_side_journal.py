"""Somebody typed a journal from deferred revenue to revenue on top of what revenue recognition posted.

Strikes after recognition: Dr 2400 / Cr 4010 at the end of a month, tagged with the arrangement of an agreement. Money:
the credit in the currency of the books. The identity of the agreement (K58) breaks with it.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import (
    IDENTITY_FOLLOWS,
    earning,
    entry,
    in_books,
    journal_number,
    ledger_line,
    pick_months,
    typed,
    units,
)
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/top_side_journal"
_BLOCK = 1


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 2, 40)
    chosen = pick_months(world, candidates, share, _SALT)
    journals = typed(world, entry(chosen, _BLOCK, ("2400", "4010"), "Revenue true-up"))
    return [
        fault_row(
            world, "K54", "amount", row["in_books"], row["base"],
            [record("netsuite", "transactionaccountingline", ledger_line(journal_number(_BLOCK, row["number"]), 1))],
            at_fault="netsuite", action_kind="REVERSE", consequences=("K58", *IDENTITY_FOLLOWS), on=row["on"],
        )
        for row in in_books(chosen, journals, _BLOCK, 1).iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="top_side_journal", check="K54", stage="recognised", rates=shares(0.002, 0.006, 0.02), inject=_inject
)
