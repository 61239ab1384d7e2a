"""What the patterns of recognised revenue share: obligations earned by a schedule, and revenue moved between months.

They strike after billing and before recognition, so that schedules, journals and month-end adjustments follow by
themselves: only who compares revenue with what was delivered can see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ingest.sandbox.fault import Truth, record
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.faults._time import STRUCK
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.ns_periods import close_of, month_number
from ingest.sandbox.ns_revenue import element_facts, move_revenue
from ingest.sandbox.ns_schedules import scheduled_lines
from ingest.sandbox.world import World, draw

__all__ = ["earned_by", "faded", "moved", "planned_line", "scheduled", "told"]


def scheduled(world: World, rule: str, *, by_time: bool = False) -> pl.DataFrame:
    """Elements earned by a rule: all of `element_facts`, `sow`, `elements` of the line, and `horizon`, its last month.

    Agreements that something else struck or with a credit are left out; `by_time` those whose entries are struck one by
    one too.
    """
    facts = element_facts(world, order_lines(world)).with_columns(sow=pl.col("line_key").str.extract(r"^(.*)/\d+$"))
    credits_ = world["netsuite.transaction"].filter(pl.col("type") == "CustCred")["id"].implode()
    credited = world["netsuite.transactionline"].filter(pl.col("transaction").is_in(credits_))["custcol_line_key"]
    rows = facts.filter(
        pl.col("rule") == rule, pl.col("value") > 0,
        ~world.is_taken("sow"),
        ~pl.col("line_key").is_in(credited.drop_nulls().implode()),
    ).with_columns(
        elements=pl.len().over("line_key"), horizon=pl.max_horizontal(month_number("end"), pl.col("made"))
    )  # fmt: skip
    apart = pl.Series(draw(rows["sow"], "time/struck", world.firm.seed), dtype=pl.Float64) >= STRUCK
    return rows.filter(apart | pl.lit(not by_time)).sort("element")


def earned_by(world: World, elements: pl.DataFrame) -> pl.DataFrame:
    """element, month, worth: what elements earn by their evidence, past and planned."""
    return scheduled_lines(world, order_lines(world), elements)


def faded(element: str, reached: Mapping[int, int], horizon: int, step: int) -> pl.DataFrame:
    """element, month, worth: revenue that runs ahead of the evidence by `reached` (cumulative, by month, the last one
    that of the last revenue run) and comes back evenly until `horizon`.
    """
    run = max(reached)
    rest = horizon - run
    ahead = {month: reached[run] * (horizon - month) // rest // step * step for month in range(run + 1, horizon + 1)}
    rows: list[dict[str, Any]] = []
    before = 0
    for month, total in sorted((dict(reached) | ahead).items()):
        rows.append({"element": element, "month": month, "worth": total - before})
        before = total
    return pl.DataFrame(rows, schema={"element": pl.String, "month": pl.Int64, "worth": pl.Int64})


def moved(world: World, moves: list[pl.DataFrame]) -> None:
    """Move revenue between months before it is recognised."""
    if moves:
        move_revenue(world, pl.concat(moves))


def planned_line(world: World, element: str) -> dict[str, str]:
    """The schedule line of an element in the month of the last revenue run."""
    month = close_of(world.firm).last_run
    return record("netsuite", "revenueplanplannedrevenue", f"{element}1{month % 1000 * 10:04d}")


def told(
    world: World, check: str, break_type: str, row: Mapping[str, Any], money: int, *records: dict[str, str]
) -> Truth:
    """The truth about revenue of an element that is off by `money` hundredths at the last revenue run."""
    return fault_row(
        world, check, break_type, hundredth(money), row["iso"], list(records) or [planned_line(world, row["element"])],
        at_fault="netsuite", action_kind="CATCH_UP", owner="revenue_accounting", consequences=("K69",),
    )  # fmt: skip
