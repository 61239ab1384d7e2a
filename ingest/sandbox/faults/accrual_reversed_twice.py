"""An accrual of unapproved time was reversed twice: by itself on the first of the month, and by a job that ran again.

Strikes after recognition: Dr 1260 / Cr 4000 at the end of a month, and twice the opposite. Money: the accrual, in
document currency. The accounts (K54) and the identity of the agreement (K58) break with it.
"""

from __future__ import annotations

import datetime as dt

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import (
    IDENTITY_FOLLOWS,
    amount_of,
    each_typed,
    earning,
    ledger_line,
    pick_months,
    typed,
    units,
)
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.ns_documents import Posting
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/accrual_reversed_twice"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 1, 9)
    rows = []
    for row in each_typed(world, pick_months(world, candidates, share, _SALT)):
        memo = f"Accrual of unapproved time {row['sow']}"
        there = (Posting("1260", row["worth"], job=row["job"]), Posting("4000", -row["worth"], job=row["job"]))
        back = (Posting("1260", -row["worth"], job=row["job"]), Posting("4000", row["worth"], job=row["job"]))
        first, journals = typed(world, row, 8, there, memo=memo)
        rate = journals.transactions["exchangerate"].item()
        next_day = row["on"] + dt.timedelta(days=1)
        second, _ = typed(world, row, 9, back, memo=memo, on=next_day, rate=rate)
        third, _ = typed(world, row, 10, back, memo=memo, on=next_day, rate=rate, reverses=str(first))
        undone = {"reversal": str(second), "reversaldate": next_day}
        set_rows(world, "netsuite.transaction", [str(first)], "id", undone)
        set_rows(world, "netsuite.transaction", [str(second)], "id", {"isreversal": True, "reversal": str(first)})
        rows.append(
            fault_row(
                world, "K53", "duplicate", amount_of(row), row["iso"],
                [record("netsuite", "transactionaccountingline", ledger_line(third, 1))],
                at_fault="netsuite", action_kind="REVERSE", consequences=("K54", "K58", *IDENTITY_FOLLOWS),
                on=next_day,
            )
        )  # fmt: skip
    return rows


FAULT = Fault(
    pattern="accrual_reversed_twice",
    check="K53",
    stage="recognised",
    rates=shares(0.0005, 0.002, 0.008),
    inject=_inject,
)
