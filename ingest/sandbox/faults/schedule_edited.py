"""Somebody changed a planned amount of a revenue schedule by hand.

Strikes after recognition, on a month that is not posted yet: it is raised by a tenth of the allocation. Money: the sum
of the schedule less the allocation.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, shares, stamp
from ingest.sandbox.ns_accounts import ON_ACCEPTANCE, PERCENT_COMPLETE, STRAIGHT_LINE
from ingest.sandbox.ns_amounts import half_up, hundredths, money, quantum
from ingest.sandbox.world import World

__all__ = ["FAULT", "planned_months"]


def planned_months(world: World) -> pl.DataFrame:
    """Lines of actual plans that are not posted yet, with their element, allocation, agreement and currency."""
    elements = world["netsuite.revenueelement"].filter(
        pl.col("revenuerecognitionrule").is_in([PERCENT_COMPLETE, STRAIGHT_LINE, ON_ACCEPTANCE]),
        pl.col("returnofelement").is_null(), pl.col("allocationamount") > 0,
    )  # fmt: skip
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    elements = elements.join(iso, on="currency", how="left").select(
        "iso", createdfrom="id", allocation=hundredths("allocationamount"),
        sow=pl.col("custrecord_line_key").str.extract(r"^(.*)/\d+$"),
    )  # fmt: skip
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL")
    plans = plans.select("createdfrom", revenueplan="id").join(elements, on="createdfrom", how="inner")
    lines = world["netsuite.revenueplanplannedrevenue"].filter(~pl.col("isrecognized"))
    return lines.join(plans, on="revenueplan", how="inner").with_columns(worth=hundredths("amount")).sort("id")


def _inject(world: World, share: float) -> list[Truth]:
    lines = planned_months(world).unique("createdfrom", keep="first", maintain_order=True)
    chosen = pick(world, lines, share, salt="fault/schedule_edited", key="createdfrom", alone="sow")
    chosen = chosen.with_columns(more=half_up(pl.col("allocation"), 10, quantum("iso")))
    raised = chosen.select("id", amount=money(pl.col("worth") + pl.col("more")))
    stamp(world, "netsuite.revenueplanplannedrevenue", "id", raised, {"amount": "amount"})
    return [
        fault_row(
            world, "K42", "amount", hundredth(row["more"]), row["iso"],
            [
                record("netsuite", "revenueplanplannedrevenue", row["id"]),
                record("netsuite", "revenueelement", row["createdfrom"]),
            ],
            at_fault="netsuite", action_kind="ROUTE", owner="revenue_accounting",
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="schedule_edited", check="K42", stage="recognised", rates=shares(0.0005, 0.004, 0.015), inject=_inject
)
