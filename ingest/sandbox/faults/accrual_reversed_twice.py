"""An accrual of unapproved time was reversed twice: by itself on the first of the month, and by a job that ran again.

Strikes after recognition: Dr 1260 / Cr 4000 at the end of a month, and twice the opposite. Money: the accrual, in
document currency. The accounts (K54) and the identity of the agreement (K58) break with it.
"""

from __future__ import annotations

import datetime as dt

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import (
    IDENTITY_FOLLOWS,
    accrued,
    amount_of,
    earning,
    journal_number,
    ledger_line,
    pick_months,
    units,
)
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/accrual_reversed_twice"
_BLOCK = 8


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 1, 9)
    chosen = pick_months(world, candidates, share, _SALT)
    accrued(world, chosen, _BLOCK, reversals=2)
    return [
        fault_row(
            world, "K53", "duplicate", amount_of(row), row["iso"],
            [
                record(
                    "netsuite", "transactionaccountingline",
                    ledger_line(journal_number(_BLOCK + 2, row["number"]), 1),
                )
            ],
            at_fault="netsuite", action_kind="REVERSE", consequences=("K54", "K58", *IDENTITY_FOLLOWS),
            on=row["on"] + dt.timedelta(days=1),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="accrual_reversed_twice",
    check="K53",
    stage="recognised",
    rates=shares(0.0005, 0.002, 0.008),
    inject=_inject,
)
