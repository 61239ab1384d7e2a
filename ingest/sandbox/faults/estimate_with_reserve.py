"""Noise: a manager keeps a reserve in the estimate of a fixed fee, which leaves little of its price and no loss.

Strikes at the end, on fixed fees under way: their tasks are estimated at what nine tenths of the price pay for.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._plans import TASKS, completion_cost, fixed_fees
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    affordable = pl.col("value") * 9 // 10 * pl.col("hours") * 60 // 100 // pl.col("spent")
    each = affordable // pl.col("tasks").list.len().cast(pl.Int64)
    rows = fixed_fees(world).filter(pl.col("spent") > 0).with_columns(each=each).with_columns(
        minutes=pl.col("each") * pl.col("tasks").list.len().cast(pl.Int64)
    ).filter(
        pl.col("minutes") > pl.max_horizontal("estimated", pl.col("worked") + pl.col("booked")),
        completion_cost(pl.col("minutes")) < pl.col("value"),
    )  # fmt: skip
    chosen = pick(world, rows, share, salt="noise/estimate_with_reserve", key="line_key", alone="sow")
    raised = chosen.select("each", id="tasks").explode("id")
    stamp(world, TASKS, "id", raised, {"time_estimate_in_minutes": "each"})
    return [{"records": [record("kantata", "stories", one)], "expected_status": "nothing"} for one in chosen["task"]]


FAULT = Fault(
    pattern="estimate_with_reserve",
    check="K45",
    stage="planned",
    rates=shares(0.03, 0.03, 0.03),
    inject=_inject,
    is_noise=True,
)
