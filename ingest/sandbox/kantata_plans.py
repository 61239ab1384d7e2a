"""What delivery expects: who is planned for the work that is left, and what each task is expected to take in all.

The last stage: managers plan on what was sold when the projects were made and on the time that was worked, as the
people know it: of what goes wrong between the systems only time that is gone, or is another now, changes a plan.
Planned are lines priced by the hour and fixed fees whose service has not ended: as many hours as are still to be worked
of what was sold, from the day of observation to the end of the service. First on a plan is who worked on the project of
late; what they cannot take is planned for a role, without a name. Time that was sent back is handed in again, not
planned.

A manager looks at the estimates of the work under way every few weeks: they are never below what was done and is
planned, so that a fixed fee that takes longer than it was sold for says so.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from ingest.sandbox.frames import typed
from ingest.sandbox.kantata_schema import SCHEMAS
from ingest.sandbox.ns_amounts import hour_parts, hundredths, value_of
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.world import World, draw

__all__ = ["plan", "remember", "retimed"]

#: Where the lines that delivery was told of, with their time, are kept for this stage, and what changed of it since.
_SOLD, _RETIMED = "delivery/lines", "delivery/retimed"

RESOURCE_ID = 31_000_000
ALLOCATION_ID = 67_000_000
ROLE_ID = 301

#: Within how many days before the observation a manager looked at the estimates of work under way.
_LOOKED_AT = 21
#: Who counts as working on a project: people with time on it in these last days.
_OF_LATE = 35
_MOST = 6
_HALF_A_WEEK = 20 * 60.0
#: Bookings that begin within so many days are firm.
_FIRM = 45


def remember(world: World, lines: pl.DataFrame, stories: pl.DataFrame, entries: pl.DataFrame) -> None:
    """Keep what was sold of each line and what was worked on it: minutes, hours (ten-thousandths), value, last day."""
    hours = hour_parts(pl.col("time_in_minutes"))
    by_story = entries.group_by(id=pl.col("story_id").cast(pl.Int64)).agg(
        minutes=pl.col("time_in_minutes").sum(),
        hours=hours.sum(),
        value=value_of(hours, pl.col("rate_in_cents")).filter("billable").sum(),
        worked_on=pl.col("date_performed").max(),
    )
    used = stories.select("id", "line_key").join(by_story, on="id", how="inner").group_by("line_key").agg(
        pl.col("minutes", "hours", "value").sum().name.prefix("used_"), pl.col("worked_on").max()
    )  # fmt: skip
    world.shared[_SOLD] = lines.join(used, on="line_key", how="left")
    world.shared[_RETIMED] = pl.DataFrame(
        schema={"line_key": pl.String, "minutes": pl.Int64, "hours": pl.Int64, "value": pl.Int64}
    )


def retimed(world: World, rows: pl.DataFrame) -> None:
    """Entries that have other minutes now, or are gone: line_key, before, after (minutes), more (hundredths), step."""
    known = world.shared[_RETIMED]
    before, after = pl.col("before"), pl.col("after")
    rows = rows.with_columns(
        minutes=after - before, hours=hour_parts(after) - hour_parts(before), value=pl.col("more") // pl.col("step")
    )
    world.shared[_RETIMED] = pl.concat(
        [known, rows.select(pl.col(name).cast(kind) for name, kind in known.schema.items())]
    )


def plan(world: World) -> None:
    """Book the work that is left, and bring the estimates of the tasks up to date."""
    lines = _left(world)
    resources, allocations = _allocated(world, _booked(world, lines))
    world["kantata.workspace_resources"] = typed(resources, SCHEMAS["workspace_resources"])
    world["kantata.workspace_allocations"] = typed(allocations, SCHEMAS["workspace_allocations"])
    world["kantata.stories"] = _estimated(world, lines)


def _left(world: World) -> pl.DataFrame:
    """Lines sold by the hour or for a fixed fee: minutes done, minutes still to be planned, and when last worked on."""
    changed = (
        world.shared[_RETIMED].group_by("line_key").agg(pl.col("minutes", "hours", "value").sum().name.prefix("more_"))
    )
    there = world["kantata.workspaces"]["id"].cast(pl.Int64).implode()
    begun = world["kantata.time_entries"]["workspace_id"].unique().cast(pl.Int64).implode()
    lines = world.shared[_SOLD].filter(
        "signed", pl.col("line_type").is_in(["T&M", "Fixed Fee"]), pl.col("planned") > 0,
        pl.col("workspace_id").is_in(there),
    )  # fmt: skip
    has_begun = pl.col("workspace_id").is_in(begun)
    lines = lines.join(changed, on="line_key", how="left").with_columns(
        *(
            pl.when(has_begun)
            .then(pl.col(f"used_{name}").fill_null(0) + pl.col(f"more_{name}").fill_null(0))
            .otherwise(0)
            .alias(f"used_{name}")
            for name in ("minutes", "hours", "value")
        ),
        worked_on=pl.when(has_begun).then("worked_on"),
        sold=(pl.col("planned") * 60).round(0).cast(pl.Int64),
    )
    lines = lines.join(_caps(world), on="contract_id", how="left")
    alone = pl.len().over("contract_id", "line_type") == 1
    limit = pl.when(alone).then(pl.min_horizontal("value", pl.col("cap") * pl.col("unit") // 100)).otherwise("value")
    money = (limit - pl.col("used_value")) * pl.col("sold") / pl.col("value")
    time = pl.col("sold") - pl.col("used_hours") / 10_000 * 60
    is_open = (pl.col("service_to") >= world.firm.as_of) & (pl.col("value") > 0)
    left = pl.when(pl.col("line_type") == "T&M").then(money).otherwise(time)
    return lines.with_columns(
        minutes=pl.when(is_open).then(left).otherwise(0.0).clip(lower_bound=0.0).round(0).cast(pl.Int64),
        is_open=is_open,
        begin=pl.max_horizontal("service_from", pl.lit(world.firm.as_of)),
    ).sort("workspace_id", "line_key")


def _caps(world: World) -> pl.DataFrame:
    """contract_id, cap (hundredths): where work by the hour stops."""
    contracts = world["salesforce.Contract"].filter(~pl.col("IsDeleted"))
    return contracts.select(contract_id="Id", cap=hundredths("NTE_Amount__c"))


def _booked(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per booking: the line's minutes split over the people who know the project, and roles for the rest."""
    since = world.firm.as_of - dt.timedelta(days=_OF_LATE)
    known = (
        world["kantata.time_entries"].filter(pl.col("date_performed") >= since)
        .group_by("workspace_id", "user_id", "role_id")
        .agg(pl.col("time_in_minutes").sum())
        .sort("workspace_id", "time_in_minutes", "user_id", descending=[False, True, False])
        .select(
            "user_id", "role_id", place=pl.int_range(0, pl.len()).over("workspace_id"),
            workspace_id=pl.col("workspace_id").cast(pl.Int64),
        )
    )  # fmt: skip
    weeks = ((pl.col("service_to") - pl.col("begin")).dt.total_days() + 1) / 7
    wanted = (pl.col("minutes") / (weeks * _HALF_A_WEEK)).ceil().cast(pl.Int64).clip(1, _MOST)
    rows = lines.filter(pl.col("minutes") > 0).with_columns(parts=wanted)
    rows = rows.with_columns(place=pl.int_ranges(0, pl.col("parts"))).explode("place")
    total, parts, place = pl.col("minutes"), pl.col("parts"), pl.col("place")
    rows = rows.with_columns(minutes=total * (place + 1) // parts - total * place // parts).filter(total > 0)
    rows = rows.join(known, on=["workspace_id", "place"], how="left").sort("workspace_id", "line_key", "place")
    key = rows.select(pl.concat_str("line_key", pl.lit("#"), "place")).to_series()
    role = pl.Series(ROLE_ID + (draw(key, "plan/role", world.firm.seed) * 3).astype(np.int64)).cast(pl.String)
    nobody = pl.when(pl.col("user_id").is_null())
    return rows.with_columns(
        role_id=pl.coalesce("role_id", pl.lit(role)), seat=nobody.then(pl.lit(key)).otherwise("user_id")
    )


def _allocated(world: World, booked: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Resources and allocations as Kantata has them: a resource per person and project, unnamed ones per booking."""
    limit = dt.datetime.combine(world.firm.as_of, dt.time(1, 0))
    at = pl.lit(pl.Series((draw(booked["line_key"], "plan/at", world.firm.seed) * 30_000).astype(np.int64)))
    monday = world.firm.as_of - dt.timedelta(days=world.firm.as_of.weekday() + 7)
    looked = pl.lit(dt.datetime.combine(monday, dt.time(15, 0))) + pl.duration(seconds=at)
    booked = booked.with_columns(
        created_at=pl.min_horizontal(pl.col("activated_at") + pl.duration(hours=3), pl.lit(limit))
    ).with_columns(updated_at=pl.max_horizontal("created_at", pl.min_horizontal(looked, pl.lit(limit))))
    booked = booked.with_columns(workspace_id=pl.col("workspace_id").cast(pl.String))
    resources = booked.group_by("workspace_id", "seat", "user_id", "role_id", maintain_order=True).agg(
        pl.col("created_at").min(), updated_at=pl.col("created_at").min()
    )
    resources = resources.with_columns(id=(RESOURCE_ID + pl.int_range(0, pl.len())).cast(pl.String))
    days = (pl.col("service_to") - pl.col("begin")).dt.total_days() + 1
    rows = booked.join(
        resources.select("workspace_id", "seat", workspace_resource_id="id"),
        on=["workspace_id", "seat"], how="left", maintain_order="left",
    )  # fmt: skip
    rows = rows.with_columns(
        id=(ALLOCATION_ID + pl.int_range(0, pl.len())).cast(pl.String),
        start_date="begin",
        end_date="service_to",
        percentage=(pl.col("minutes") * 700 / (days * 2_400)).round(2),
        hard=pl.col("user_id").is_not_null() & (pl.col("begin") < world.firm.as_of + dt.timedelta(days=_FIRM)),
    )
    return resources, rows


def _estimated(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """Stories with their estimates: at least what was done and is planned, looked at regularly while work goes on."""
    firm = world.firm
    limit = dt.datetime.combine(firm.as_of, dt.time(1, 0))
    expected = pl.max_horizontal("sold", pl.col("used_minutes") + pl.col("minutes"))
    ago = 1 + (draw(lines["line_key"], "estimate/looked", firm.seed) * (_LOOKED_AT - 1)).astype(np.int64)
    under_way = pl.col("is_open") & pl.col("worked_on").is_not_null()
    facts = lines.select(
        "line_key", "tasks", expected=expected,
        looked=pl.when(under_way).then(pl.lit(limit) - pl.duration(days=pl.lit(pl.Series(ago)))),
    )  # fmt: skip
    frame = world["kantata.stories"]
    stories = story_lines(world).select("story_id", "line_key")
    rows = frame.join(stories, left_on="id", right_on="story_id", how="left", maintain_order="left").join(
        facts, on="line_key", how="left", maintain_order="left"
    )
    counts = pl.col("expected").is_not_null() & pl.col("deleted_at").is_null()
    estimate = pl.when(pl.col("story_type") == "deliverable").then("expected").when(
        pl.col("story_type") == "task").then((pl.col("expected") + pl.col("tasks") - 1) // pl.col("tasks"))  # fmt: skip
    return typed(
        rows.with_columns(
            time_estimate_in_minutes=pl.when(counts & estimate.is_not_null())
            .then(estimate)
            .otherwise("time_estimate_in_minutes"),
            updated_at=pl.when(counts & (pl.col("story_type") != "milestone"))
            .then(pl.max_horizontal("updated_at", "looked"))
            .otherwise("updated_at"),
        ),
        SCHEMAS["stories"],
    )
