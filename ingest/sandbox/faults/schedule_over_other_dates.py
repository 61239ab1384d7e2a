"""A revenue schedule was made with the dates of the invoice: the service is spread from and to a month later.

Strikes after billing, on managed services under way. The obligation keeps its signed dates; its plan and every month of
it follow the later ones. Money: what the term that is over earns less what was recognised, at the last revenue run.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._recognised import earned_by, moved, scheduled, told
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.ns_accounts import STRAIGHT_LINE
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    run = close_of(world.firm).last_run
    own = scheduled(world, STRAIGHT_LINE).filter(
        pl.col("elements") == 1, pl.col("made") < run, pl.col("horizon") > run, pl.col("value") >= 100_000
    )
    later = own.with_columns(pl.col("start", "end").dt.offset_by("1mo"))
    moves = _difference(earned_by(world, later), earned_by(world, own))
    late = moves.filter(pl.col("month") <= run).group_by("element").agg(late=-pl.col("worth").sum())
    rows = own.join(late, on="element", how="inner", maintain_order="left").filter(pl.col("late") > 100)
    chosen = pick(world, rows, share, salt="fault/schedule_over_other_dates", key="element", alone="sow")
    moved(world, [moves.filter(pl.col("element") == element) for element in chosen["element"]])
    return [told(world, "K50", "date", row, row["late"]) for row in chosen.iter_rows(named=True)]


def _settle(world: World, truth: list[Truth]) -> list[Truth]:
    """The plans say what they were made with."""
    elements = [row["root"]["id"][:-5] for row in truth]
    dates = {name: pl.col(name).dt.offset_by("1mo") for name in ("revrecstartdate", "revrecenddate")}
    set_rows(world, "netsuite.revenueplan", elements, "createdfrom", dates)
    return truth


def _difference(those: pl.DataFrame, these: pl.DataFrame) -> pl.DataFrame:
    """element, month, worth: what leads from `these` to `those`."""
    both = pl.concat([those, these.with_columns(-pl.col("worth"))])
    return both.group_by("element", "month").agg(pl.col("worth").sum()).sort("element", "month")


FAULT = Fault(
    pattern="schedule_over_other_dates", check="K50", stage="billed", rates=shares(0.005, 0.03, 0.1), inject=_inject,
    settle=_settle,
)  # fmt: skip
