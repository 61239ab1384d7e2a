"""How much of each scheduled obligation is earned by the end of each month: the progress behind its revenue plan.

Fixed fee: approved hours over planned hours, complete when all tasks of the line are completed and there was any work.
Managed service: days over days. Milestone: accepted amounts over the line's value. Months after the last revenue run
are a plan: fixed fee runs evenly to its end, milestones come on their dates. Progress is a fraction of integers;
amounts are cumulatively rounded over the elements of a line as over its months, so parts add up to the line to the
cent.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.ns_accounts import ON_ACCEPTANCE, PERCENT_COMPLETE, STRAIGHT_LINE
from ingest.sandbox.ns_amounts import proportional
from ingest.sandbox.ns_charges import milestones
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.ns_periods import Close, close_of, month_number, period_table, posting_month
from ingest.sandbox.world import World, kept

__all__ = ["scheduled_lines"]

_HOUR = 10_000  # hours are counted in ten-thousandths


def scheduled_lines(world: World, lines: pl.DataFrame, elements: pl.DataFrame) -> pl.DataFrame:
    """element, month, worth: what each scheduled element earns in each month, past and planned, without zeros.

    `elements` has element, line_key, rule, value, step, start, end, planned_minutes, made (month it entered the books).
    """
    close = close_of(world.firm)
    worked = _hours_worked(world, elements.filter(pl.col("rule") == PERCENT_COMPLETE))
    begun = worked.filter(pl.col("month") <= close.last_run, pl.col("worth") > 0).group_by("line_key").agg(
        begun=pl.col("month").min()
    )  # fmt: skip
    begun = begun.join(_completed(world), on="line_key", how="left", maintain_order="left")
    elements = elements.filter(pl.col("rule").is_in([PERCENT_COMPLETE, STRAIGHT_LINE, ON_ACCEPTANCE]))
    rows = _months(elements, close, begun)
    parts = [
        _by_hours(worked, rows.filter(pl.col("rule") == PERCENT_COMPLETE), close),
        _by_days(world, rows.filter(pl.col("rule") == STRAIGHT_LINE)),
        _by_acceptance(world, lines, rows.filter(pl.col("rule") == ON_ACCEPTANCE), close),
    ]
    columns = ["element", "line_key", "month", "value", "step", "num", "den", "horizon"]
    every = pl.concat([part.select(columns) for part in parts])
    last = pl.col("month") == pl.col("horizon")
    every = every.with_columns(
        num=pl.when(last).then(pl.col("den")).otherwise(pl.min_horizontal("num", "den").clip(lower_bound=0))
    ).sort("line_key", "month", pl.col("element").cast(pl.Int64))
    every = every.with_columns(up_to=pl.col("value").cum_sum().over("line_key", "month"))
    every = every.with_columns(shared=proportional("up_to", "num", "den", "step"))
    every = every.with_columns(
        reached=pl.col("shared") - pl.col("shared").shift(1, fill_value=0).over("line_key", "month")
    ).sort("element", "month")
    every = every.with_columns(worth=pl.col("reached") - pl.col("reached").shift(1, fill_value=0).over("element"))
    return every.filter(pl.col("worth") != 0).select("element", "month", "worth")


def _months(elements: pl.DataFrame, close: Close, begun: pl.DataFrame) -> pl.DataFrame:
    """One row per element and month, from the month it entered the books to the month that completes it.

    What nobody accepted, completed, or worked on yet, is not complete when its service ends: `begun` has the first
    month with work of each line, and the month in which the last of its tasks was completed.
    """
    by_hours = pl.col("rule") == PERCENT_COMPLETE
    elements = elements.join(begun, on="line_key", how="left", maintain_order="left")
    end = pl.when(by_hours).then(pl.coalesce("completed", month_number("end"))).otherwise(month_number("end"))
    horizon = pl.max_horizontal(end, "made", pl.when(by_hours).then("begun"))
    unfinished = by_hours & pl.col("completed").is_null()
    waits = ((pl.col("rule") == ON_ACCEPTANCE) | unfinished) & (horizon < close.open_month)
    rows = elements.with_columns(horizon=pl.when(waits).then(close.open_month).otherwise(horizon))
    rows = rows.drop("begun", "completed")
    return rows.with_columns(month=pl.int_ranges("made", pl.col("horizon") + 1)).explode("month")


def _ends(world: World) -> pl.DataFrame:
    return period_table(world.firm).select("month", month_end="end")


def _by_days(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    elapsed = (pl.min_horizontal("month_end", "end") - pl.col("start")).dt.total_days() + 1
    return rows.join(_ends(world), on="month", how="left").with_columns(
        num=elapsed.clip(lower_bound=0), den=(pl.col("end") - pl.col("start")).dt.total_days() + 1
    )


def _cumulative(rows: pl.DataFrame, amounts: pl.DataFrame, column: str) -> pl.DataFrame:
    """Adds to (line_key, month) rows the sum of `amounts` (line_key, month, worth) up to and including the month."""
    sums = amounts.group_by("line_key", "month").agg(pl.col("worth").sum()).sort("line_key", "month")
    sums = sums.select("line_key", "month", pl.col("worth").cum_sum().over("line_key").alias(column)).sort("month")
    joined = rows.sort("month").join_asof(sums, on="month", by="line_key", strategy="backward", check_sortedness=False)
    return joined.with_columns(pl.col(column).fill_null(0))


def _by_hours(worked: pl.DataFrame, rows: pl.DataFrame, close: Close) -> pl.DataFrame:
    """Fixed fee: hours to date over planned hours, as known at the month; after the last run, evenly to the end."""
    planned = rows.unique("element").select("line_key", month="made", worth=pl.col("planned_minutes") * _HOUR // 60)
    known = pl.min_horizontal("month", pl.lit(close.last_run, dtype=pl.Int64))
    rows = rows.with_columns(own_month=pl.col("month"), month=known)
    rows = _cumulative(rows, worked, "num")
    rows = _cumulative(rows, planned, "den").rename({"month": "known"}).rename({"own_month": "month"})
    rows = rows.with_columns(den=pl.col("den").clip(lower_bound=1))
    rows = rows.with_columns(num=pl.min_horizontal("num", "den"))
    ahead = (pl.col("month") - close.last_run).clip(lower_bound=0)
    length = (pl.col("horizon") - close.last_run).clip(lower_bound=1)
    return rows.with_columns(
        num=pl.when(ahead > 0).then(pl.col("num") * length + (pl.col("den") - pl.col("num")) * ahead).otherwise("num"),
        den=pl.when(ahead > 0).then(pl.col("den") * length).otherwise("den"),
    )


def _hours_worked(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """line_key, month, worth: approved hours (ten-thousandths) by the month they belong to."""
    stories = story_lines(world).join(rows.select("line_key").unique(), on="line_key", how="semi")
    worked = (
        world["netsuite.timebill"]
        .lazy()
        .filter(pl.col("approvalstatus") == "3")
        .select(
            "trandate", "hours", story_id="casetaskevent", reached=pl.coalesce("custcol_first_posted_on", "createddate")
        )
        .join(stories.select("story_id", "line_key").lazy(), on="story_id", how="inner")
        .with_columns(worth=(pl.col("hours") * _HOUR).cast(pl.Int64))
        .collect()
    )
    return worked.with_columns(month=posting_month(worked, "trandate", "reached", period_table(world.firm)))


@kept
def _completed(world: World) -> pl.DataFrame:
    """line_key, completed: the month in which the last task of a line was completed; none while one is open."""
    tasks = world["kantata.stories"].filter(pl.col("story_type") != "milestone", pl.col("deleted_at").is_null())
    tasks = tasks.select("state", day=pl.col("updated_at").dt.date(), story_id="id")
    rows = story_lines(world).join(tasks, on="story_id", how="inner").filter(pl.col("line_key").is_not_null())
    lines = rows.group_by("line_key").agg((pl.col("state") == "completed").all().alias("is_over"), pl.col("day").max())
    return lines.filter("is_over").select("line_key", completed=month_number("day"))


def _by_acceptance(world: World, lines: pl.DataFrame, rows: pl.DataFrame, close: Close) -> pl.DataFrame:
    """Milestones: accepted amounts over the line's value as known at the month; the others on their planned dates."""
    values = rows.unique("element").select("line_key", month="made", worth="value")
    dates = milestones(world, lines)
    accepted = month_number("accepted_on")
    planned = pl.max_horizontal(month_number("date_to_invoice").fill_null(close.open_month), pl.lit(close.open_month))
    done = pl.col("accepted_on") <= close.last_day
    events = dates.select("line_key", "worth", month=pl.when(done.fill_null(False)).then(accepted).otherwise(planned))
    return _cumulative(_cumulative(rows, events, "num"), values, "den").with_columns(
        den=pl.col("den").clip(lower_bound=1)
    )
