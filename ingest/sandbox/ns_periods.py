"""Accounting periods of the sandbox's ERP, and which of them a late entry belongs to.

A period is known by its month number (``year * 12 + month - 1``) inside the finance half and by its id (``202503``)
in NetSuite. An entry belongs to the month of its work date when it reached finance before that month's cut-off, else to
the earliest month whose cut-off was still ahead.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import polars as pl

from ingest.sandbox.calendar import cut_off, month_end, months, next_business_day
from ingest.sandbox.firm import ZONE, Firm

__all__ = [
    "Close",
    "close_of",
    "month_ends",
    "month_number",
    "month_of",
    "period_id",
    "period_name",
    "period_table",
    "posting_month",
    "run_date",
    "run_dates",
]

#: Years of periods kept around the history, so that long services find theirs.
_YEARS_BEFORE, _YEARS_AFTER = 3, 5


@dataclass(frozen=True)
class Close:
    """Where the books stand at the day of observation: the last month with a revenue run, and the open month."""

    last_run: int
    open_month: int
    watermark: dt.datetime
    last_day: dt.date


def close_of(firm: Firm) -> Close:
    """The state of the books of a firm: the run of its last month is done, the month after it is open."""
    last = firm.last_month.year * 12 + firm.last_month.month - 1
    return Close(last, last + 1, firm.watermark, firm.as_of - dt.timedelta(days=1))


def month_number(day: str | pl.Expr) -> pl.Expr:
    """The month number of a date."""
    date = pl.col(day) if isinstance(day, str) else day
    return date.dt.year().cast(pl.Int64) * 12 + date.dt.month().cast(pl.Int64) - 1


def period_id(month: str | pl.Expr) -> pl.Expr:
    """The id of the accounting period with a month number, e.g. ``202503``."""
    number = pl.col(month) if isinstance(month, str) else month
    return ((number // 12) * 100 + number % 12 + 1).cast(pl.String)


def period_name(month: int) -> str:
    """The id of the accounting period with a month number.

    >>> period_name(2025 * 12 + 2)
    '202503'
    """
    return f"{month // 12}{month % 12 + 1:02d}"


def month_of(period: str | pl.Expr) -> pl.Expr:
    """The month number of the id of an accounting period: what `period_id` was made from."""
    number = (pl.col(period) if isinstance(period, str) else period).cast(pl.Int64)
    return number // 100 * 12 + number % 100 - 1


@cache
def period_table(firm: Firm) -> pl.DataFrame:
    """All months: month, start, end, cut_off (naive UTC), run_on (day of the revenue run)."""
    first, last = dt.date(firm.start_on.year - _YEARS_BEFORE, 1, 1), dt.date(firm.as_of.year + _YEARS_AFTER, 12, 1)
    starts = months(first, last)
    return pl.DataFrame(
        {
            "month": [start.year * 12 + start.month - 1 for start in starts],
            "start": starts,
            "end": [month_end(start) for start in starts],
            "cut_off": [cut_off(start, ZONE) for start in starts],
            "run_on": [run_date(start) for start in starts],
        }
    ).with_columns(pl.col("cut_off").cast(pl.Datetime("us")))


def month_ends(firm: Firm, hour: int) -> pl.DataFrame:
    """month, end, ran: the last day of each month, and the hour of the day of its revenue run."""
    ran = pl.col("run_on").cast(pl.Datetime("us")) + pl.duration(hours=hour)
    return period_table(firm).select("month", "end", ran=ran)


def run_dates(firm: Firm) -> pl.DataFrame:
    """month, run_on: the day of each month's revenue run."""
    return period_table(firm).select("month", "run_on")


def run_date(month: dt.date) -> dt.date:
    """The day of a month's revenue run: the fourth business day after it."""
    return next_business_day(month_end(month), 4)


def posting_month(entries: pl.DataFrame, work_date: str, reached: str, periods: pl.DataFrame) -> pl.Series:
    """The month number each entry belongs to, by its work date and the moment it reached finance.

    Cut-offs ascend, so the earliest month whose cut-off is after `reached` is found by binary search.
    """
    ahead = periods["cut_off"].search_sorted(entries[reached], side="right")
    earliest = periods["month"].gather(ahead)
    own = entries.select(month_number(work_date)).to_series()
    return pl.DataFrame({"own": own, "earliest": earliest}).select(pl.max_horizontal("own", "earliest")).to_series()
