"""The work took longer than its estimate, and the manager left the estimate as it was.

Strikes at the end, on lines well under way. The tasks of the line were estimated at four fifths of what is worked by
now, and looked at since. Money: the hours beyond the estimate at what an hour of the line is worth.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._plans import TASKS, beyond, planned_lines, tasks_of
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    worked = (pl.col("done_hours") + pl.col("waiting_hours")) * 60 // 10_000
    rows = planned_lines(world).with_columns(worked=worked).filter(
        pl.col("worked") >= 100 * 60, pl.col("worked") + pl.col("booked") <= pl.col("sold") * 11 // 10
    )  # fmt: skip
    chosen = pick(world, rows, share, salt="fault/estimate_not_raised", key="line_key", alone="sow")
    tasks, truth = tasks_of(world, chosen), []
    for row in chosen.to_dicts():
        mine = tasks[row["line_key"]]
        each = row["worked"] * 4 // 5 // len(mine)
        set_rows(world, TASKS, mine, "id", {"time_estimate_in_minutes": each})
        truth.append(
            fault_row(
                world, "K45", "overrun", beyond(row, each * len(mine)), row["currency"],
                [record("kantata", "stories", mine[0])],
                at_fault="kantata", action_kind="ROUTE", owner="service_delivery",
            )
        )  # fmt: skip
    return truth


FAULT = Fault(
    pattern="estimate_not_raised", check="K45", stage="planned", rates=shares(0.01, 0.05, 0.12), inject=_inject
)
