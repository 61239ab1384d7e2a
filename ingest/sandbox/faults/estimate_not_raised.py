"""The work took longer than its estimate, and the manager left the estimate as it was.

Strikes at the end, on lines well under way. The tasks of the line were estimated at four fifths of what is worked by
now, and looked at since. Money: the hours beyond the estimate at what an hour of the line is worth.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._plans import TASKS, beyond, planned_lines, tasks_of
from ingest.sandbox.faults._terms import fault_row, shares, stamp
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    worked = (pl.col("done_hours") + pl.col("waiting_hours")) * 60 // 10_000
    rows = planned_lines(world).with_columns(worked=worked).filter(
        pl.col("worked") >= 100 * 60, pl.col("worked") + pl.col("booked") <= pl.col("sold") * 11 // 10
    )  # fmt: skip
    chosen = pick(world, rows, share, salt="fault/estimate_not_raised", key="line_key", alone="sow")
    tasks = tasks_of(world, chosen)
    chosen = chosen.with_columns(tasks=pl.Series([tasks[one] for one in chosen["line_key"]], dtype=pl.List(pl.String)))
    count = pl.col("tasks").list.len().cast(pl.Int64)
    chosen = chosen.with_columns(each=pl.col("worked") * 4 // 5 // count, count=count)
    low = chosen.select("each", id="tasks").explode("id")
    stamp(world, TASKS, "id", low, {"time_estimate_in_minutes": "each"})
    return [
        fault_row(
            world, "K45", "overrun", beyond(row, row["each"] * row["count"]), row["currency"],
            [record("kantata", "stories", row["tasks"][0])],
            at_fault="kantata", action_kind="ROUTE", owner="service_delivery",
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="estimate_not_raised", check="K45", stage="planned", rates=shares(0.01, 0.05, 0.12), inject=_inject
)
