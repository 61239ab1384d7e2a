"""Somebody typed a percentage for the last month of a fixed fee: ten points more than its hours show.

Strikes after billing, on services under way. The schedule, the journal and the month-end adjustment follow what was
typed, so that they agree with each other; the months ahead take it back. Money: what was typed less what the hours
earn, at the last revenue run.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._recognised import earned_by, faded, moved, scheduled, told
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_accounts import PERCENT_COMPLETE
from ingest.sandbox.ns_amounts import half_up
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/progress_typed_by_hand"
_POINTS = 10


def _inject(world: World, share: float) -> list[Truth]:
    run = close_of(world.firm).last_run
    own = scheduled(world, PERCENT_COMPLETE, by_time=True).filter(
        pl.col("elements") == 1, pl.col("made") < run, pl.col("horizon") > run, pl.col("value") >= 100_000
    )
    earned = earned_by(world, own).filter(pl.col("month") <= run).group_by("element").agg(done=pl.col("worth").sum())
    percent = pl.col("done") * 100 // pl.col("value") + _POINTS
    rows = own.join(earned, on="element", how="inner", maintain_order="left").filter(pl.col("done") > 0, percent < 95)
    rows = rows.with_columns(more=half_up(pl.col("value") * percent, 100, pl.col("step")) - pl.col("done"))
    chosen = pick(world, rows, share, salt=_SALT, key="element", alone="sow")
    struck = chosen.to_dicts()
    moved(world, [faded(row["element"], {run: row["more"]}, row["horizon"], row["step"]) for row in struck])
    return [told(world, "K44", "amount", row, row["more"]) for row in struck]


FAULT = Fault(
    pattern="progress_typed_by_hand", check="K44", stage="billed", rates=shares(0.005, 0.03, 0.1), inject=_inject
)
