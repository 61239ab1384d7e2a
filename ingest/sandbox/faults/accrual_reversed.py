"""Noise: an accrual of unapproved time at month end that reverses itself on the first of the next month."""

from __future__ import annotations

import datetime as dt

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import each_typed, earning, ledger_line, typed, units
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.ns_documents import Posting
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "noise/accrual_reversed"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 1, 6)
    rows = []
    for row in each_typed(world, pick(world, candidates, share, salt=_SALT, key="arrangement")):
        memo = f"Accrual of unapproved time {row['sow']}"
        there = (Posting("1260", row["worth"], job=row["job"]), Posting("4000", -row["worth"], job=row["job"]))
        back = (Posting("1260", -row["worth"], job=row["job"]), Posting("4000", row["worth"], job=row["job"]))
        number, journals = typed(world, row, 4, there, memo=memo)
        exchange = journals.transactions["exchangerate"].item()
        next_day = row["on"] + dt.timedelta(days=1)
        second, _ = typed(world, row, 5, back, memo=memo, on=next_day, rate=exchange)
        set_rows(
            world, "netsuite.transaction", [str(number)], "id", {"reversal": str(second), "reversaldate": next_day}
        )
        set_rows(world, "netsuite.transaction", [str(second)], "id", {"isreversal": True, "reversal": str(number)})
        records = [record("netsuite", "transactionaccountingline", ledger_line(one, 1)) for one in (number, second)]
        rows.append({"records": records, "expected_status": "nothing"})
    return rows


FAULT = Fault(
    pattern="accrual_reversed",
    check="K54",
    stage="recognised",
    rates=shares(0.004, 0.004, 0.004),
    inject=_inject,
    is_noise=True,
)
