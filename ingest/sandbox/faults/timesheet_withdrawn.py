"""A timesheet is rejected after its time was sent: the ledger keeps what is no longer approved.

Strikes after the integration: whole sheets become rejected, their entries unapproved. Money: the value of each entry.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.faults._time import (
    CONSEQUENCES,
    chosen,
    entry_truth,
    once_billed,
    received,
    settled_now,
    whole_sheets,
)
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = received(world).filter(pl.col("sheet").is_not_null()).select("sheet", "place").collect()
    whole = whole_sheets(world, rows)
    whole = whole.with_columns(_lot=pl.Series(draw(whole["sheet"], "fault/timesheet_withdrawn", world.firm.seed)))
    whole = whole.sort("_lot", "sheet").with_columns(before=pl.col("free").cum_sum() - pl.col("free"))
    sheets = whole.filter(pl.col("before") < settled_now(world, rows.height, share))
    mine = pl.col("sheet").is_in(sheets["sheet"].cast(pl.Int64).implode())
    withdrawn = chosen(world, rows.filter(mine)["place"])
    late = pl.min_horizontal(
        pl.col("arrived") + dt.timedelta(hours=30), pl.lit(world.firm.watermark - dt.timedelta(hours=2))
    )
    withdrawn = withdrawn.with_columns(
        no=pl.lit(False), none=pl.lit(None, dtype=pl.String), at=late, status=pl.lit("rejected")
    )
    stamp(
        world,
        "kantata.time_entries",
        "id",
        withdrawn,
        {"approved": "no", "active_submission_id": "none", "updated_at": "at"},
    )
    by_sheet = withdrawn.group_by(id="sheet").agg(pl.col("status").first(), pl.col("at").max())
    stamp(world, "kantata.timesheet_submissions", "id", by_sheet, {"status": "status", "updated_at": "at"})
    return [
        entry_truth(
            world,
            row,
            "K15",
            "unapproved",
            row["worth"],
            action_kind="CREDIT_AND_REBILL",
            consequences=CONSEQUENCES,
            timebill=row["timebill"],
        )
        for row in withdrawn.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="timesheet_withdrawn",
    check="K15",
    stage="integrated",
    rates=shares(0.0001, 0.0012, 0.008),
    inject=_inject,
    settle=once_billed("REVERSE"),
)
