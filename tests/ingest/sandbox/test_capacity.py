"""What the people of the sandbox are there for agrees with the time they recorded."""

from __future__ import annotations

import polars as pl
import pytest

from ingest.sandbox.firm import Firm
from ingest.sandbox.kantata import deliver
from ingest.sandbox.salesforce import sell
from ingest.sandbox.world import World


@pytest.fixture(scope="module", params=[(40, 1), (200, 7)], ids=lambda p: f"{p[0]}-{p[1]}")
def world(request: pytest.FixtureRequest) -> World:
    made = World(Firm(*request.param))
    sell(made)
    deliver(made)
    return made


def frame(world: World, stream: str) -> pl.DataFrame:
    return world[f"kantata.{stream}"]


def worked(world: World) -> pl.DataFrame:
    """Minutes of each person on each day."""
    entries = frame(world, "time_entries")
    return entries.group_by("user_id", day="date_performed").agg(pl.col("time_in_minutes").sum())


def holidays(world: World) -> pl.DataFrame:
    """The holidays of each person, by the calendar that is theirs on the day."""
    calendars = frame(world, "holiday_calendar_memberships").sort("user_id", "start_date")
    calendars = calendars.with_columns(until=pl.col("start_date").shift(-1).over("user_id"))
    of_calendar = frame(world, "holiday_calendar_associations").join(
        frame(world, "holidays").select(holiday_id="id", day="start_date"), on="holiday_id"
    )
    theirs = calendars.join(of_calendar, on="holiday_calendar_id")
    holds = (pl.col("day") >= pl.col("start_date")) & (pl.col("day") < pl.col("until")).fill_null(value=True)
    return theirs.filter(holds).select("user_id", "day")


def test_nobody_works_on_a_day_off(world: World) -> None:
    off = frame(world, "time_off_entries").select("user_id", day="requested_date")
    assert off.height > 100
    for days in (off, holidays(world)):
        assert worked(world).join(days, on=["user_id", "day"], how="semi").is_empty()


def test_a_day_without_time_is_a_day_off(world: World) -> None:
    """Every business day of everybody, from the day they came to the day they left: worked, off, or a holiday."""
    firm = world.firm
    days = pl.DataFrame({"day": pl.date_range(firm.start_on, firm.as_of, closed="left", eager=True)})
    there = frame(world, "account_memberships").join(days.filter(pl.col("day").dt.weekday() <= 5), how="cross")
    there = there.filter(
        (pl.col("day") >= pl.col("created_at").dt.date())
        & (pl.col("day") <= pl.col("disabled_at").dt.date()).fill_null(value=True)
    ).select("user_id", "day")
    off = frame(world, "time_off_entries").select("user_id", day="requested_date")
    told = pl.concat([worked(world).select("user_id", "day"), off, holidays(world)]).unique()
    assert there.join(told, on=["user_id", "day"], how="anti").is_empty()


def test_time_off_is_a_day_of_the_workweek(world: World) -> None:
    own = frame(world, "workweek_memberships").select("user_id", "start_date", "monday_minutes")
    assert own["start_date"].dt.weekday().unique().to_list() == [7]
    assert 0.03 < own["user_id"].n_unique() / frame(world, "users").height < 0.35
    off = frame(world, "time_off_entries").join(own, on="user_id", how="left")
    shorter = (pl.col("requested_date") >= pl.col("start_date")).fill_null(value=False)
    usual = pl.when(shorter).then(pl.col("monday_minutes")).otherwise(480)
    assert off.filter(pl.col("hours").cast(pl.Float64) * 60 != usual).is_empty()


def test_who_is_on_duty_over_a_holiday_has_no_holiday_and_others_do(world: World) -> None:
    christmas = [day for day in frame(world, "holidays")["start_date"] if day.month == 12]
    at_work = worked(world).filter(pl.col("day").is_in(christmas))
    assert at_work.height > 5
    assert holidays(world).height > 5


def test_ids_are_given_once(world: World) -> None:
    for stream in ("workweek_memberships", "holiday_calendar_memberships", "time_off_entries", "account_memberships"):
        assert not frame(world, stream)["id"].is_duplicated().any(), stream
