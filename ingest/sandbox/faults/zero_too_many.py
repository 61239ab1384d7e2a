"""The estimate of a task has a zero too many, so that a fixed fee says it will cost more than its price.

Strikes at the end, on fixed fees under way: the largest task of the line is estimated at ten times what it takes. No
work overtook anything. Money: the whole loss that the estimate says, cost at completion less price.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._plans import TASKS, completion_cost, fixed_fees
from ingest.sandbox.faults._terms import fault_row, hundredth, shares, stamp
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    typed = pl.col("task_minutes") * 10
    rows = fixed_fees(world).with_columns(typed=typed, minutes=pl.col("estimated") - pl.col("task_minutes") + typed)
    rows = rows.with_columns(loss=completion_cost(pl.col("minutes")) - pl.col("value")).filter(
        pl.col("loss") > 0, pl.col("minutes") > pl.col("worked") + pl.col("booked")
    )
    chosen = pick(world, rows, share, salt="fault/zero_too_many", key="line_key", alone="sow")
    stamp(world, TASKS, "id", chosen.select("typed", id="task"), {"time_estimate_in_minutes": "typed"})
    return [
        fault_row(
            world, "K45", "loss", hundredth(row["loss"]), row["currency"], [record("kantata", "stories", row["task"])],
            at_fault="kantata", action_kind="ROUTE", owner="service_delivery",
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(pattern="zero_too_many", check="K45", stage="planned", rates=shares(0.01, 0.04, 0.1), inject=_inject)
