"""The last line of a revenue schedule was lost when a date was changed.

Strikes after recognition, on lines of months to come: what the open month lacks would be stale at its end (K60). Money:
the line.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, shares
from ingest.sandbox.faults.schedule_edited import planned_months
from ingest.sandbox.ns_periods import close_of, month_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    lines = planned_months(world).unique("createdfrom", keep="last", maintain_order=True)
    open_month = close_of(world.firm).open_month
    to_come = month_of("plannedperiod") > open_month
    lines = lines.filter(pl.col("worth") > 100, to_come)
    chosen = pick(world, lines, share, salt="fault/schedule_line_lost", key="createdfrom", alone="sow")
    planned = world["netsuite.revenueplanplannedrevenue"]
    world["netsuite.revenueplanplannedrevenue"] = planned.filter(~pl.col("id").is_in(chosen["id"].implode()))
    return [
        fault_row(
            world, "K42", "amount", hundredth(row["worth"]), row["iso"],
            [record("netsuite", "revenueelement", row["createdfrom"])],
            at_fault="netsuite", action_kind="ROUTE", owner="revenue_accounting",
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="schedule_line_lost", check="K42", stage="recognised", rates=shares(0.0005, 0.004, 0.015), inject=_inject
)
