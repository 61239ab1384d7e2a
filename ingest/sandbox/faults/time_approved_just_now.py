"""Noise: timesheets approved ten minutes before the extract. Their time is on its way and not late."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.faults._time import chosen, received, whole_sheets
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    since = world.firm.watermark - dt.timedelta(days=6)
    late = received(world).filter(pl.col("sheet").is_not_null(), pl.col("arrived") > since)
    rows = late.select("sheet", "place").collect()
    if rows.is_empty():
        return []
    whole = whole_sheets(world, rows)
    whole = whole.with_columns(_lot=pl.Series(draw(whole["sheet"], "noise/time_approved_just_now", world.firm.seed)))
    sheets = whole.sort("_lot", "sheet").head(max(1, round(whole.height * share)))
    approved = chosen(world, rows.filter(pl.col("sheet").is_in(sheets["sheet"].cast(pl.Int64).implode()))["place"])
    now = pl.lit(world.firm.watermark - dt.timedelta(minutes=10))
    stamp(world, "kantata.time_entries", "id", approved.with_columns(at=now), {"updated_at": "at"})
    stamp(
        world,
        "kantata.timesheet_submissions",
        "id",
        sheets.select(id="sheet").with_columns(at=now),
        {"updated_at": "at"},
    )
    gone = pl.col("id").is_in(approved["timebill"].implode())
    world["netsuite.timebill"] = world["netsuite.timebill"].filter(~gone)
    records = [record("kantata", "time_entries", one) for one in approved["id"].to_list()]
    return [{"records": records, "expected_status": "timing"}] if records else []


FAULT = Fault(
    pattern="time_approved_just_now",
    check="K14",
    stage="integrated",
    rates=shares(0.02, 0.02, 0.02),
    inject=_inject,
    is_noise=True,
)
