"""An accountant moved a balance of one agreement from deferred revenue to customer deposits.

Strikes after recognition: Dr 2400 / Cr 2300 at the end of a month, tagged with the arrangement. Money: what was moved.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import (
    IDENTITY_FOLLOWS,
    amount_of,
    earning,
    entry,
    journal_number,
    ledger_line,
    typed,
    units,
)
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/moved_to_deposits"
_BLOCK = 2


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 6, 18)
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement", alone="sow")
    typed(world, entry(chosen, _BLOCK, ("2400", "2300"), "Prepayment"))
    return [
        fault_row(
            world, "K58", "identity", amount_of(row), row["iso"],
            [record("netsuite", "transactionaccountingline", ledger_line(journal_number(_BLOCK, row["number"]), 0))],
            at_fault="netsuite", action_kind="RECLASS", owner="revenue_accounting", consequences=IDENTITY_FOLLOWS,
            on=row["on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="moved_to_deposits", check="K58", stage="recognised", rates=shares(0.002, 0.005, 0.02), inject=_inject
)
