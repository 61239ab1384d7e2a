"""Nobody looked at the estimate of a project for two months, while people work on it.

Strikes at the end, on lines that are older than that. Their tasks were changed last sixty days before the observation.
It is worth no money by itself.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._plans import TASKS, planned_lines, tasks_of
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_DAYS = 60
_OF_LATE = dt.timedelta(days=28)


def _inject(world: World, share: float) -> list[Truth]:
    looked = dt.datetime.combine(world.as_of() - dt.timedelta(days=_DAYS), dt.time(15, 0))
    rows = planned_lines(world).filter(
        pl.col("worked_on") >= world.as_of() - _OF_LATE, pl.col("made_at") < looked - dt.timedelta(days=5)
    )
    chosen = pick(world, rows, share, salt="fault/estimate_left_alone", key="line_key", alone="sow")
    tasks = tasks_of(world, chosen)
    set_rows(world, TASKS, [one for mine in tasks.values() for one in mine], "id", {"updated_at": looked})
    return [
        fault_row(
            world, "K45", "stale", Decimal(0), row["currency"],
            [record("kantata", "stories", tasks[row["line_key"]][0])],
            at_fault="kantata", action_kind="ROUTE", owner="service_delivery",
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="estimate_left_alone", check="K45", stage="planned", rates=shares(0.02, 0.06, 0.15), inject=_inject
)
