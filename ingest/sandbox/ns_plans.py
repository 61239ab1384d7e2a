"""How the sandbox's NetSuite updates a revenue plan: posted months stay, what is ahead is planned anew.

Works on the lines of one element's ACTUAL plan (rows of ``revenueplanplannedrevenue``). Whatever the reason - another
amount, other dates - the plan adds up to the allocation again, and what earlier months should have had goes to the open
month: the month of the day of observation. Amounts are hundredths; a currency without decimals has a step of 100.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_amounts import hundredths, money, nearest
from ingest.sandbox.ns_periods import month_of, period_id

__all__ = ["Plan", "actual_plan", "by_days", "by_profile", "profile_of", "replaced"]


@dataclass(frozen=True)
class Plan:
    """An element's ACTUAL plan: its lines, with `month` (a number) and `worth`, and what every new line has."""

    lines: pl.DataFrame
    like: pl.DataFrame


def actual_plan(frames: Mapping[str, pl.DataFrame], element: str) -> Plan | None:
    """The ACTUAL plan of an element; None when it has none."""
    plans = frames["netsuite.revenueplan"].filter(
        pl.col("createdfrom") == element, pl.col("revenueplantype") == "ACTUAL"
    )
    accounts = frames["netsuite.revenueelement"].select(
        createdfrom="id", deferredrevenueaccount="deferralaccount", recognitionaccount="recognitionaccount"
    )
    like = plans.select("createdfrom", "exchangerate", revenueplan="id").join(accounts, on="createdfrom", how="inner")
    if like.is_empty():
        return None
    lines = frames["netsuite.revenueplanplannedrevenue"].filter(pl.col("revenueplan").is_in(plans["id"].implode()))
    lines = lines.with_columns(month=month_of("plannedperiod"), worth=hundredths("amount"))
    return Plan(lines.sort("month", "id"), like.drop("createdfrom").head(1))


def by_days(plan: Plan, value: int, start: dt.date, end: dt.date, *, as_of: dt.date, step: int = 1) -> pl.DataFrame:
    """The lines of a service earned day by day from `start` to `end`: what is posted stays."""
    total = (end - start).days + 1
    reached = {
        month: _share(value, min(max((min(_last_day(month), end) - start).days + 1, 0), total), total, step)
        for month in range(_month(as_of), max(_month(end), _month(as_of)) + 1)
    }
    return _planned(plan, reached, as_of)


def profile_of(plan: Plan, *, as_of: dt.date) -> list[tuple[int, int]]:
    """(month, cumulative worth) of the months from the open one on: how a plan reaches its amount."""
    open_month, done, profile = _month(as_of), 0, {}
    for month, worth in plan.lines.select("month", "worth").iter_rows():
        done += worth
        profile[max(month, open_month)] = done
    profile.setdefault(open_month, 0)
    return sorted(profile.items())


def by_profile(
    plan: Plan, value: int, profile: list[tuple[int, int]], *, as_of: dt.date, step: int = 1
) -> pl.DataFrame:
    """The lines that reach `value` in the same proportions as `profile` reaches its own amount."""
    total = profile[-1][1]
    reached = {month: _share(value, done, total, step) if total > 0 else 0 for month, done in profile}
    reached[profile[-1][0]] = value
    return _planned(plan, reached, as_of)


def replaced(planned: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The stream of planned revenue with the lines of one plan replaced."""
    rest = planned.join(before.select("id"), on="id", how="anti", maintain_order="left")
    return pl.concat([rest, conform("revenueplanplannedrevenue", after)])


def _planned(plan: Plan, reached: Mapping[int, int], as_of: dt.date) -> pl.DataFrame:
    """Posted lines as they are, then one line for each month that adds something to what was reached."""
    posted = plan.lines.filter("isrecognized")
    done, open_month = int(posted["worth"].sum()), _month(as_of)
    worth: dict[int, int] = {}
    for month, total in sorted(reached.items()):
        worth[max(month, open_month)] = worth.get(max(month, open_month), 0) + total - done
        done = total
    rows = pl.DataFrame(
        {"month": list(worth), "worth": list(worth.values())}, schema={"month": pl.Int64, "worth": pl.Int64}
    ).filter(pl.col("worth") != 0)
    slot = pl.when(pl.col("month").is_in(posted["month"].to_list())).then(1).otherwise(0)
    ahead = rows.join(plan.like, how="cross").with_columns(
        id=(pl.col("revenueplan").cast(pl.Int64) * 10_000 + pl.col("month") % 1000 * 10 + slot).cast(pl.String),
        amount=money("worth"),
        plannedperiod=period_id("month"),
        plannedrevenuetype=pl.lit("Normal"),
        isrecognized=pl.lit(False),
    )
    return pl.concat([posted, ahead], how="diagonal_relaxed").select(posted.columns)


def _share(value: int, part: int, total: int, step: int) -> int:
    """value x part / total, half up to the step."""
    divisor = max(total, 1) * step
    whole = nearest(abs(value * part), divisor) * step
    return whole if value * part >= 0 else -whole


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _last_day(month: int) -> dt.date:
    return dt.date(month // 12 + (month % 12 == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)
