"""A go-live was moved by mail: the obligation of a managed service ends two months later than signed.

Strikes after recognition, on services under way: posted months stay, the plan is spread over the longer term. Money:
half of what the schedule shifts between months, the sum over months of abs(signed schedule - schedule) / 2.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares
from ingest.sandbox.ns_accounts import STRAIGHT_LINE
from ingest.sandbox.ns_amounts import hundredths, quantum
from ingest.sandbox.ns_plans import actual_plan, by_days, replaced
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_PLANNED = "netsuite.revenueplanplannedrevenue"


def _inject(world: World, share: float) -> list[Truth]:
    elements = world["netsuite.revenueelement"].filter(
        pl.col("revenuerecognitionrule") == STRAIGHT_LINE, pl.col("returnofelement").is_null(),
        pl.col("revrecstartdate") < world.as_of() - dt.timedelta(days=45),
        pl.col("revrecenddate") > world.as_of() + dt.timedelta(days=45), pl.col("allocationamount") > 0,
    )  # fmt: skip
    elements = elements.filter(pl.len().over("custrecord_line_key") == 1).with_columns(
        sow=pl.col("custrecord_line_key").str.extract(r"^(.*)/\d+$")
    )
    chosen = pick(world, elements, share, salt="fault/service_dates_moved", alone="sow")
    iso = dict(world["netsuite.currency"].select("id", "symbol").iter_rows())
    chosen = chosen.with_columns(
        worth=hundredths("allocationamount"),
        until=pl.col("revrecenddate").dt.offset_by("2mo"),
        step=quantum(pl.col("currency").replace_strict(iso, return_dtype=pl.String)),
    )
    rows: list[Truth] = []
    plans = world["netsuite.revenueplan"].filter(
        pl.col("revenueplantype") == "ACTUAL", pl.col("createdfrom").is_in(chosen["id"].implode())
    )
    for row in world.each(chosen, {_PLANNED: pl.col("revenueplan").is_in(plans["id"].implode())}):
        plan = actual_plan(world.frames, row["id"])
        if plan is None:
            continue
        until = row["until"]
        after = by_days(plan, row["worth"], row["revrecstartdate"], until, as_of=world.as_of(), step=row["step"])
        world[_PLANNED] = replaced(world[_PLANNED], plan.lines, after)
        set_rows(world, "netsuite.revenueelement", [row["id"]], "id", {"revrecenddate": until})
        set_rows(world, "netsuite.revenueplan", [row["id"]], "createdfrom", {"revrecenddate": until})
        rows.append(
            fault_row(
                world,
                "K10",
                "date",
                hundredth(_shifted(plan.lines, after)),
                iso[row["currency"]],
                [
                    record("salesforce", "OrderItem", row["custrecord_line_key"]),
                    record("netsuite", "revenueelement", row["id"]),
                ],
                at_fault="netsuite",
                action_kind="ROUTE",
            )
        )
    return rows


def _shifted(before: pl.DataFrame, after: pl.DataFrame) -> int:
    """Half the sum over months of what two schedules differ by, in hundredths."""
    both = before.select("plannedperiod", was=hundredths("amount")).join(
        after.select("plannedperiod", now=hundredths("amount")), on="plannedperiod", how="full", coalesce=True
    )
    return int(both.select((pl.col("was").fill_null(0) - pl.col("now").fill_null(0)).abs().sum()).item()) // 2


FAULT = Fault(
    pattern="service_dates_moved", check="K10", stage="recognised", rates=shares(0.003, 0.02, 0.07), inject=_inject
)
