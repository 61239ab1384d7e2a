"""The firm's calendar: business days, months, and the cut-off of a period.

A business day is Monday to Friday. The cut-off of a month is 18:00 in the firm's zone on the first business day after
its end: what reached finance before it belongs to the month, what came later belongs to the next one still open.
Datetimes are naive UTC; a date is a date in no zone.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

__all__ = ["add_months", "business_days", "cut_off", "local", "month_end", "months", "next_business_day"]

CUT_OFF_AT = dt.time(18, 0)


def add_months(month: dt.date, count: int) -> dt.date:
    """The first day of the month `count` months after (or before) the month of `month`."""
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return dt.date(year, index + 1, 1)


def months(first: dt.date, last: dt.date) -> list[dt.date]:
    """The first days of all months from that of `first` to that of `last`."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(first, index) for index in range(count)]


def month_end(day: dt.date) -> dt.date:
    """The last day of the month of `day`."""
    return add_months(day, 1) - dt.timedelta(days=1)


def next_business_day(day: dt.date, count: int = 1) -> dt.date:
    """The `count`-th business day strictly after `day`."""
    return np.busday_offset(np.datetime64(day, "D"), count, roll="backward").astype(dt.date)


def business_days(first: dt.date, last: dt.date) -> np.ndarray:
    """All business days from `first` to `last`, both included, as ``datetime64[D]``."""
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    return days[np.is_busday(days)]


def local(day: dt.date, at: dt.time, zone: str) -> dt.datetime:
    """A wall-clock moment of a zone as naive UTC."""
    moment = dt.datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
    return moment.replace(tzinfo=None)


def cut_off(month: dt.date, zone: str) -> dt.datetime:
    """The cut-off of a month as naive UTC: 18:00 local on the first business day after its end."""
    return local(next_business_day(month_end(month)), CUT_OFF_AT, zone)
