"""An amendment of a fixed fee called for a catch-up; its price was caught up, its hours were not.

Strikes after billing, on amended services under way whose amendment reached the books after work had begun. From the
month of the amendment on the schedule earns the new price by the old plan of hours. Money: what is recognised that way
less the catch-up decided, at the last revenue run.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._recognised import earned_by, faded, moved, scheduled, told
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_accounts import PERCENT_COMPLETE
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_LEAST = 10_000


def _inject(world: World, share: float) -> list[Truth]:
    run = close_of(world.firm).last_run
    own = scheduled(world, PERCENT_COMPLETE, by_time=True).filter(pl.col("elements") > 1)
    lines = _amended(own).filter(pl.col("amended") <= run, pl.col("horizon") > run, pl.col("old_minutes") > 0)
    earned = earned_by(world, own.join(lines, on="line_key", how="semi"))
    reached = earned.join(own.select("element", "line_key"), on="element").group_by("line_key", "month").agg(
        pl.col("worth").sum()
    )  # fmt: skip
    reached = reached.sort("line_key", "month").with_columns(right=pl.col("worth").cum_sum().over("line_key"))
    months = lines.join(reached.filter(pl.col("month") <= run), on="line_key").sort("line_key", "month")
    before = pl.col("right").filter(pl.col("month") < pl.col("amended")).max().over("line_key")
    old = pl.col("right") * pl.col("minutes") // pl.col("old_minutes")
    most = pl.col("value") * 95 // 100
    wrong = pl.min_horizontal(old, most) // pl.col("step") * pl.col("step")
    months = months.filter(before > 0, pl.col("month") >= pl.col("amended")).with_columns(off=wrong - pl.col("right"))
    months = months.filter((old.first() <= most.first()).over("line_key"))
    rows = months.filter(pl.col("month") == run, pl.col("off") > _LEAST)
    chosen = pick(world, rows, share, salt="fault/amended_at_old_progress", key="element", alone="sow")
    struck = [row | {"reached": _off(months, row["line_key"])} for row in chosen.to_dicts()]
    moved(world, [faded(row["element"], row["reached"], row["horizon"], row["step"]) for row in struck])
    return [told(world, "K51", "amount", row, row["off"]) for row in struck]


def _amended(own: pl.DataFrame) -> pl.DataFrame:
    """Lines whose last amendment added hours to work under way, by the element with most of the price."""
    last = pl.col("made") == pl.col("made").max().over("line_key")
    rows = own.with_columns(old=pl.when(last).then(0).otherwise("planned_minutes"))
    rows = rows.sort("line_key", "value", "element")
    lines = rows.group_by("line_key", "sow", "iso", "step", maintain_order=True).agg(
        pl.col("value").sum(), pl.col("horizon").max(), pl.col("element").last(), first=pl.col("made").min(),
        amended=pl.col("made").max(), old_minutes=pl.col("old").sum(), minutes=pl.col("planned_minutes").sum(),
    )  # fmt: skip
    return lines.filter(pl.col("first") < pl.col("amended"), pl.col("minutes") > pl.col("old_minutes"))


def _off(months: pl.DataFrame, line_key: str) -> dict[int, Any]:
    """Month -> how far the revenue of a line is from its catch-up."""
    return dict(months.filter(pl.col("line_key") == line_key).select("month", "off").iter_rows())


FAULT = Fault(
    pattern="amended_at_old_progress", check="K51", stage="billed", rates=shares(0.02, 0.08, 0.25), inject=_inject
)
