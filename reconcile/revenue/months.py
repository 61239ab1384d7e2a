"""Periods, and time as an axis of whole numbers: days, or equal months of which a part is counted by days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

__all__ = ["MONTH", "Month", "day_position", "month_of", "month_position", "months_between", "period_of"]

#: Steps in one month of the month axis: divisible by 28, 29, 30 and 31.
MONTH = 377_580


class Month(NamedTuple):
    """One period: its text, and as ordinals its first day and the first day after it, also one and two years on."""

    period: str
    first: int
    after: int
    after_12: int
    after_24: int


@cache
def month_of(period: str) -> Month:
    """The month of a period text, YYYY-MM."""
    year, number = int(period[:4]), int(period[5:7])
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return Month(
        period,
        date(year, number, 1).toordinal(),
        date(*following, 1).toordinal(),
        date(following[0] + 1, following[1], 1).toordinal(),
        date(following[0] + 2, following[1], 1).toordinal(),
    )


def period_of(day: date) -> str:
    """The period of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def months_between(first: str, last: str) -> Iterator[Month]:
    """All months from the first to the last period."""
    year, number = int(first[:4]), int(first[5:7])
    while (period := f"{year:04d}-{number:02d}") <= last:
        yield month_of(period)
        year, number = (year + 1, 1) if number == 12 else (year, number + 1)


def day_position(ordinal: int) -> int:
    """The day axis: one step a day."""
    return ordinal


@cache
def month_position(ordinal: int) -> int:
    """The month axis at the beginning of a day: whole months, and the part of the month by days."""
    day = date.fromordinal(ordinal)
    length = month_of(period_of(day)).after - month_of(period_of(day)).first
    return (day.year * 12 + day.month - 1) * MONTH + (day.day - 1) * (MONTH // length)
