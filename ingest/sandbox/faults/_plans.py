"""What the patterns of plans share: lines under way with their bookings, and what is left of their price.

They strike at the very end, when all time is there, on agreements with one line planned in hours that nothing else
struck; so that what a plan lacks is worth what it lacks, to the cent.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Truth, record
from ingest.sandbox.faults._terms import fault_row
from ingest.sandbox.faults._time import STRUCK
from ingest.sandbox.kantata_deals import deals, signed_items, signed_lines
from ingest.sandbox.ns_amounts import hour_parts, nearest, value_of
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.world import World, draw

__all__ = ["BOOKINGS", "TASKS", "beyond", "gap", "planned_lines", "tasks_of", "told"]

BOOKINGS = "kantata.workspace_allocations"
TASKS = "kantata.stories"
#: Agreements signed or changed this shortly ago may still wait for their plan.
_SETTLED = dt.timedelta(days=20)


def planned_lines(world: World) -> pl.DataFrame:
    """Lines with bookings, one an agreement: sow, line_key, project, currency, unit, is_tm, price (minor units), sold
    (minutes), done and waiting (ten-thousandths of hours, minor units), bookings, booked (minutes), worked_on, made_at.
    """
    table = deals(world)
    lines = signed_lines(signed_items(world, table).filter("signed")).join(
        table.select("contract_id", "sow", "currency", changed="versioned_at"), on="contract_id", how="inner"
    )
    lines = lines.filter(
        pl.col("line_type").is_in(["T&M", "Fixed Fee"]), pl.col("planned") > 0, pl.col("value") > 0,
        pl.col("service_to") >= world.as_of(),
    ).filter(pl.len().over("sow") == 1)  # fmt: skip
    apart = pl.Series(draw(lines["sow"], "time/struck", world.firm.seed), dtype=pl.Float64) >= STRUCK
    lines = lines.filter(apart, pl.col("changed").dt.date() < world.as_of() - _SETTLED)
    stories = story_lines(world).filter(pl.col("line_key").is_not_null())
    project = stories.group_by("line_key").agg(
        project=pl.col("workspace_id").min(), projects=pl.col("workspace_id").n_unique()
    )
    booked = world[BOOKINGS].group_by(project="workspace_id").agg(
        bookings=pl.col("id").sort(), booked=pl.col("minutes").sum()
    )  # fmt: skip
    rows = (
        lines.join(project, on="line_key", how="inner")
        .filter(pl.col("projects") == 1)
        .join(booked, on="project", how="inner")
        .join(_worked(world, stories), on="line_key", how="left")
    )
    numbers = ("done_hours", "waiting_hours", "done_value", "waiting_value")
    return rows.select(
        "sow", "line_key", "project", "currency", "unit", "bookings", "booked", *(pl.col(numbers).fill_null(0),),
        is_tm=pl.col("line_type") == "T&M", price="value", sold=(pl.col("planned") * 60).round(0).cast(pl.Int64),
        worked_on="worked_on", made_at="changed",
    ).sort("sow")  # fmt: skip


def _worked(world: World, stories: pl.DataFrame) -> pl.DataFrame:
    """Approved and waiting time by line, in ten-thousandths of hours and in minor units."""
    by_story = world.once("time by story", _time_by_story)
    joined = stories.select("story_id", "line_key").join(by_story, on="story_id", how="inner")
    return joined.group_by("line_key").agg(
        pl.col("done_hours", "waiting_hours", "done_value", "waiting_value").sum(), pl.col("worked_on").max()
    )


def _time_by_story(world: World) -> pl.DataFrame:
    """What `_worked` adds up, by story: at the end no pattern changes time any more."""
    hours = hour_parts(pl.col("time_in_minutes"))
    value = pl.when("billable").then(value_of(hours, pl.col("rate_in_cents"))).otherwise(0)
    waiting = ~pl.col("approved")
    return world["kantata.time_entries"].group_by("story_id").agg(
        done_hours=hours.filter("approved").sum(), waiting_hours=hours.filter(waiting).sum(),
        done_value=value.filter("approved").sum(), waiting_value=value.filter(waiting).sum(),
        worked_on=pl.col("date_performed").max(),
    )  # fmt: skip


def gap(row: dict[str, object], booked: int) -> Decimal:
    """What is planned less what is contracted and not yet earned, with so many minutes booked."""
    price, sold, unit = (int(str(row[name])) for name in ("price", "sold", "unit"))
    done, waiting = int(str(row["done_hours"])), int(str(row["waiting_hours"]))
    if row["is_tm"]:
        earned, awaited = int(str(row["done_value"])), int(str(row["waiting_value"]))
        awaited = min(awaited, price - earned)
    else:
        whole = sold * 10_000
        earned = nearest(price * min(done * 60, whole), whole)
        awaited = nearest(price * min(waiting * 60, max(whole - done * 60, 0)), whole)
    return Decimal(nearest(price * booked, sold) + awaited - (price - earned)) / unit


def tasks_of(world: World, lines: pl.DataFrame) -> dict[str, list[str]]:
    """The planned tasks of each line."""
    stories = world[TASKS].filter(pl.col("story_type") == "task", pl.col("deleted_at").is_null()).select(story_id="id")
    mine = story_lines(world).join(stories, on="story_id", how="semi")
    mine = mine.filter(pl.col("line_key").is_in(lines["line_key"].implode()))
    return dict(mine.group_by("line_key").agg(pl.col("story_id").sort()).iter_rows())


def beyond(row: dict[str, object], estimated: int) -> Decimal:
    """What the hours worked beyond an estimate (in minutes) are worth."""
    price, sold, unit = (int(str(row[name])) for name in ("price", "sold", "unit"))
    worked = int(str(row["done_hours"])) + int(str(row["waiting_hours"]))
    return Decimal(nearest(price * (worked - estimated * 10_000 // 60) * 60, sold * 10_000)) / unit


def told(world: World, row: dict[str, object], booked: int) -> Truth:
    """The truth about a plan that is off: its project, and the money."""
    return fault_row(
        world, "K67", "amount", gap(row, booked), str(row["currency"]),
        [record("kantata", "workspaces", str(row["project"]))],
        at_fault="kantata", action_kind="ROUTE", owner="service_delivery",
    )  # fmt: skip
