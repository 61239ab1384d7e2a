"""An accountant parked a balance of one agreement in customer deposits over a month's end, and moved it back.

Strikes after recognition: Dr 2400 / Cr 2300 at the end of a month, Dr 2300 / Cr 2400 at the end of the next one, both
by the last month with a revenue run. Neither journal names the other. Money: what was moved. In foreign currency the
two rates leave a difference in the books (K64).
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import amount_of, earning, entry, journal_number, ledger_line, typed, units
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.ns_periods import close_of, period_table
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/parked_deferred"
_BLOCK = 21


def _inject(world: World, share: float) -> list[Truth]:
    next_ends = period_table(world.firm).select(back_on="end", month=pl.col("month") - 1)
    earlier = earning(world, _SALT).filter(pl.col("month") < close_of(world.firm).last_run)
    candidates = units(world, earlier.join(next_ends, on="month", how="inner"), _SALT, 7, 23)
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement", alone="sow")
    there = entry(chosen, _BLOCK, ("2400", "2300"), "Deposit")
    typed(world, there, entry(chosen, _BLOCK + 1, ("2300", "2400"), "Deposit", on="back_on"))
    return [
        fault_row(
            world, "K59", "classification", amount_of(row), row["iso"],
            [
                record(
                    "netsuite", "transactionaccountingline",
                    ledger_line(journal_number(_BLOCK + line, row["number"]), line),
                )
                for line in (0, 1)
            ],
            at_fault="netsuite", action_kind="REVERSE", owner="revenue_accounting", on=row["on"],
            consequences=("K64",),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="parked_deferred", check="K59", stage="recognised", rates=shares(0.002, 0.005, 0.02), inject=_inject
)
