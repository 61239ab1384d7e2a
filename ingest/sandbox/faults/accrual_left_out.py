"""A project was left out of the last accrual of unapproved time, and so of its reversal.

Strikes after recognition, on the last month with a revenue run. Money: what was to be accrued for the project, in
document currency.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import take_out
from ingest.sandbox.faults._terms import fault_row, hundredth, shares
from ingest.sandbox.ns_accruals import ACCRUED, accrual_journals, accrued_time
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_LEAST = 50_000


def _inject(world: World, share: float) -> list[Truth]:
    last = world.once(ACCRUED, accrued_time).filter(
        pl.col("month") == close_of(world.firm).last_run, pl.col("worth") > _LEAST
    )
    jobs = world["netsuite.job"].select(job="id", sow="custentity_sow_number")
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    candidates = last.join(jobs, on="job", how="inner").join(iso, on="currency", how="left")
    chosen = pick(world, candidates, share, salt="fault/accrual_left_out", key="job", alone="sow")
    _leave_out(world, chosen)
    return [
        fault_row(
            world, "K17", "amount", hundredth(row["worth"]), row["iso"],
            [record("kantata", "workspaces", str(int(row["job"]) // 10))],
            at_fault="netsuite", action_kind="ACCRUE",
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _leave_out(world: World, rows: pl.DataFrame) -> None:
    """Take the lines of projects out of the accrual and its reversal: each pair of lines balances."""
    journals = accrual_journals(rows)
    gone = world["netsuite.transactionline"].join(
        journals, left_on=["transaction", "entity"], right_on=["transaction", "job"], how="semi"
    )
    take_out(world, gone.select("transaction", "id"))


FAULT = Fault(pattern="accrual_left_out", check="K17", stage="recognised", rates=shares(0.02, 0.1, 0.3), inject=_inject)
