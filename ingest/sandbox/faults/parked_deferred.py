"""An accountant parked a balance of one agreement in customer deposits over a month's end, and moved it back.

Strikes after recognition: Dr 2400 / Cr 2300 at the end of a month, Dr 2300 / Cr 2400 at the end of the next one, both
by the last month with a revenue run. Neither journal names the other. Money: what was moved. In foreign currency the
two rates leave a difference in the books (K64).
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import amount_of, each_typed, earning, ledger_line, typed, units
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.ns_documents import Posting
from ingest.sandbox.ns_periods import close_of, period_table
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/parked_deferred"


def _inject(world: World, share: float) -> list[Truth]:
    next_ends = period_table(world.firm).select(back_on="end", month=pl.col("month") - 1)
    earlier = earning(world, _SALT).filter(pl.col("month") < close_of(world.firm).last_run)
    candidates = units(world, earlier.join(next_ends, on="month", how="inner"), _SALT, 7, 23)
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement", alone="sow")
    rows = []
    for row in each_typed(world, chosen):
        tagged = {"arrangement": row["arrangement"], "job": row["job"]}
        there = (Posting("2400", row["worth"], **tagged), Posting("2300", -row["worth"], **tagged))
        back = (Posting("2300", row["worth"], **tagged), Posting("2400", -row["worth"], **tagged))
        first, _ = typed(world, row, 21, there, memo=f"Deposit {row['sow']}")
        second, _ = typed(world, row, 22, back, memo=f"Deposit {row['sow']}", on=row["back_on"])
        rows.append(
            fault_row(
                world, "K59", "classification", amount_of(row), row["iso"],
                [record("netsuite", "transactionaccountingline", line)
                 for line in (ledger_line(first, 0), ledger_line(second, 1))],
                at_fault="netsuite", action_kind="REVERSE", owner="revenue_accounting", on=row["on"],
                consequences=("K64",),
            )
        )  # fmt: skip
    return rows


FAULT = Fault(
    pattern="parked_deferred", check="K59", stage="recognised", rates=shares(0.002, 0.005, 0.02), inject=_inject
)
