"""What the patterns of plans share: lines under way with their bookings, and what is left of their price.

They strike at the very end, when all time is there, on agreements with one line planned in hours that nothing else
struck; so that what a plan lacks is worth what it lacks, to the cent. What the estimate of a fixed fee is worth asks
for no such care: it strikes any that no other pattern has struck as a whole.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Truth, record
from ingest.sandbox.faults._terms import fault_row
from ingest.sandbox.faults._time import STRUCK
from ingest.sandbox.kantata_deals import deals, signed_items, signed_lines
from ingest.sandbox.ns_amounts import half_up, hour_parts, nearest, quantum, value_of
from ingest.sandbox.ns_links import story_lines, workspaces
from ingest.sandbox.world import World, draw

__all__ = ["BOOKINGS", "TASKS", "beyond", "completion_cost", "fixed_fees", "gap", "planned_lines", "tasks_of", "told"]

BOOKINGS = "kantata.workspace_allocations"
TASKS = "kantata.stories"
#: Agreements signed or changed this shortly ago may still wait for their plan.
_SETTLED = dt.timedelta(days=20)


def planned_lines(world: World) -> pl.DataFrame:
    """Lines with bookings, one an agreement: sow, line_key, project, currency, unit, is_tm, price (minor units), sold
    (minutes), done and waiting (ten-thousandths of hours, minor units), bookings, booked (minutes), worked_on, made_at.
    """
    lines = _open_lines(world).filter(pl.len().over("sow") == 1)
    apart = pl.Series(draw(lines["sow"], "time/struck", world.firm.seed), dtype=pl.Float64) >= STRUCK
    lines = lines.filter(apart)
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


def _open_lines(world: World) -> pl.DataFrame:
    """Signed lines planned in hours whose service has not ended, of agreements that did not change just now."""
    table = deals(world)
    lines = signed_lines(signed_items(world, table).filter("signed")).join(
        table.select("contract_id", "sow", "currency", changed="versioned_at"), on="contract_id", how="inner"
    )
    return lines.filter(
        pl.col("line_type").is_in(["T&M", "Fixed Fee"]), pl.col("planned") > 0, pl.col("value") > 0,
        pl.col("service_to") >= world.as_of(), pl.col("changed").dt.date() < world.as_of() - _SETTLED,
    )  # fmt: skip


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


def fixed_fees(world: World) -> pl.DataFrame:
    """Fixed fees on which people have worked, with their estimates and what the work has cost so far: sow, line_key,
    currency, booked (minutes, on all their projects), task (the largest, the oldest of these), task_minutes, tasks
    (ids), estimated (minutes), worked (minutes, no fewer), spent and value (hundredths: cost so far, price) and hours
    (hundredths of those that `spent` paid for).
    """
    lines = (
        _open_lines(world)
        .filter(pl.col("line_type") == "Fixed Fee")
        .select("sow", "line_key", "currency", value=pl.col("value") * 100 // pl.col("unit"))
    )
    planned = world[TASKS].filter(pl.col("story_type") == "task", pl.col("deleted_at").is_null()).select(
        story_id="id", minutes=pl.col("time_estimate_in_minutes").fill_null(0)
    )  # fmt: skip
    mine = story_lines(world).filter(pl.col("line_key").is_in(lines["line_key"].implode()))
    tasks = (
        mine.join(_kept_projects(world), on="workspace_id", how="semi")
        .join(planned, on="story_id", how="inner")
        .sort("line_key", "minutes", pl.col("story_id").cast(pl.Int64), descending=[False, True, False])
    )
    estimates = tasks.group_by("line_key").agg(
        task=pl.col("story_id").first(), task_minutes=pl.col("minutes").first(), tasks="story_id",
        estimated=pl.col("minutes").sum(),
    )  # fmt: skip
    spent = mine.join(world.once("cost by story", _cost_by_story), on="story_id", how="inner").group_by("line_key").agg(
        pl.col("cost", "hours").sum(), pl.col("paid_in").min(), last_paid_in=pl.col("paid_in").max()
    )  # fmt: skip
    bookings = world[BOOKINGS].group_by(workspace_id="workspace_id").agg(booked=pl.col("minutes").sum())
    booked = mine.select("line_key", "workspace_id").unique().join(bookings, on="workspace_id", how="inner")
    rows = lines.join(estimates, on="line_key", how="inner").join(spent, on="line_key", how="inner").join(
        booked.group_by("line_key").agg(pl.col("booked").sum()), on="line_key", how="left"
    )  # fmt: skip
    is_own = (pl.col("paid_in") == pl.col("currency")) & (pl.col("last_paid_in") == pl.col("currency"))
    return rows.filter(is_own, pl.col("hours") > 0).with_columns(
        pl.col("booked").fill_null(0), spent=nearest(pl.col("cost"), 100), hours=nearest(pl.col("hours"), 100),
        worked=(pl.col("hours") * 60 + 9_999) // 10_000,
    ).sort("line_key")  # fmt: skip


def _kept_projects(world: World) -> pl.DataFrame:
    """workspace_id of the projects that are no copy of an older one: a copy repeats the estimates of the first."""
    projects = workspaces(world).select("sow_number", "workstream", "entity_code", "created_at", workspace_id="id")
    oldest = projects.sort("created_at", pl.col("workspace_id").cast(pl.Int64))
    return oldest.unique(["sow_number", "workstream", "entity_code"], keep="first").select("workspace_id")


def _cost_by_story(world: World) -> pl.DataFrame:
    """Cost and hours (ten-thousandths) of time that was not sent back, by story and currency its people are paid in."""
    back = world["kantata.timesheet_submissions"].filter(pl.col("status") == "rejected")["id"].implode()
    minutes, rate = pl.col("time_in_minutes"), pl.col("cost_rate_in_cents").fill_null(0) * 100
    exact = hour_parts(minutes * 10_000) * (rate // pl.col("currency_base_unit"))
    is_back = ~pl.col("approved") & pl.col("recent_submission_id").is_in(back).fill_null(value=False)
    own = world["kantata.time_entries"].lazy().filter(~is_back)  # lazily: no copy of columns that nobody asks for
    return own.group_by("story_id", paid_in="currency").agg(
        cost=nearest(exact, 1_000_000).sum(), hours=hour_parts(minutes).sum()
    ).collect()  # fmt: skip


def completion_cost(minutes: pl.Expr) -> pl.Expr:
    """What a line of `fixed_fees` costs in the end (hundredths) where it takes so many minutes."""
    cost = half_up(pl.col("spent") * nearest(minutes * 10_000 // 60, 100), pl.col("hours"))
    return half_up(cost, 1, quantum("currency"))


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
