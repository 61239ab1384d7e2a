"""The last line of a schedule was lost before it was posted: the service was delivered in full, part of its price is
deferred for good.

Strikes after recognition, on agreements whose services ended before the last revenue run and that are billed and earned
in full: the last posted line of one obligation is gone, with its journal lines. In foreign currency nothing else moved
the agreement's balances in that month or later: it would have used the layers of invoices that the line did not. Money:
the line, in document currency. The total of its schedule (K42) breaks with it.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._balances import arrangement_record, standing
from ingest.sandbox.faults._billing import billed_right
from ingest.sandbox.faults._ledger import take_out
from ingest.sandbox.faults._terms import fault_row, hundredth, shares
from ingest.sandbox.ns_accounts import PERCENT_COMPLETE, STRAIGHT_LINE
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_ids import identity
from ingest.sandbox.ns_periods import month_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/final_line_lost"


def _inject(world: World, share: float) -> list[Truth]:
    ended = standing(world, _SALT).filter(
        pl.col("ends") <= pl.col("on"), pl.col("deferred") == 0, pl.col("asset") == 0, pl.col("receivable") == 0
    )
    candidates = billed_right(world, ended).join(
        _last_lines(world), on="arrangement", how="inner", maintain_order="left"
    )
    is_last = (pl.col("moved") == pl.col("earned")) & pl.col("is_only")
    candidates = candidates.filter((pl.col("iso") == pl.col("base")) | is_last)
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement", alone="sow")
    _lose(world, chosen)
    return [
        fault_row(
            world, "K60", "stale", hundredth(row["lost"]), row["iso"],
            [arrangement_record(row)],
            at_fault="netsuite", action_kind="ROUTE", owner="revenue_accounting",
            consequences=("K42", "K44", "K50", "K69"),
            on=row["on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _last_lines(world: World) -> pl.DataFrame:
    """arrangement, element, line, journal, lost: the last posted line of one obligation of each arrangement.

    `earned` is the month of the line, `is_only` whether the arrangement earned nothing else in it.
    """
    elements = world["netsuite.revenueelement"].select(
        element="id", createdfrom="id", arrangement="revenuearrangement", rule="revenuerecognitionrule",
        is_return=pl.col("returnofelement").is_not_null(),
    )  # fmt: skip
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL").select(
        "createdfrom", revenueplan="id"
    )  # fmt: skip
    lines = world["netsuite.revenueplanplannedrevenue"].join(plans, on="revenueplan", how="inner")
    lines = lines.join(elements, on="createdfrom", how="inner").sort("element", "plannedperiod", "id")
    lines = lines.with_columns(
        earned=month_of("plannedperiod"), is_only=pl.len().over("arrangement", "plannedperiod") == 1
    ).filter(~pl.col("is_return"), pl.col("rule").is_in([PERCENT_COMPLETE, STRAIGHT_LINE]))
    last = lines.unique("element", keep="last", maintain_order=True).filter("isrecognized", pl.col("amount") > 100)
    found = last.select(
        "arrangement", "element", "journal", "earned", "is_only", line="id", lost=hundredths("amount")
    )  # fmt: skip
    return found.unique("arrangement", keep="first", maintain_order=True)


def _lose(world: World, chosen: pl.DataFrame) -> None:
    """Take lines out of their schedules, and the two lines of each out of the journal that posted it."""
    planned = world["netsuite.revenueplanplannedrevenue"]
    world["netsuite.revenueplanplannedrevenue"] = planned.filter(~pl.col("id").is_in(chosen["line"].implode()))
    first = pl.col("element").cast(pl.Int64) * 2
    take_out(world, pl.concat(chosen.select(transaction="journal", id=identity(first + side)) for side in (0, 1)))


FAULT = Fault(
    pattern="final_line_lost", check="K60", stage="recognised", rates=shares(0.003, 0.015, 0.06), inject=_inject
)
