"""What the people of the sandbox are there for: workweeks, holidays, time off, and since when they are in the account.

Everybody records whole days, five a week, so nobody works fewer days; some have a week of 37.5 hours, and a few of them
had the usual one before. A week without time is a week off: time off on each of its days that is no holiday. Holidays
are Christmas Day and New Year's Day. Customers are served on them too: who works on one of the two has, for that turn
of the year, the calendar of those on duty, which has no holidays. Days off are those without time, to the day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.calendar import business_days
from ingest.sandbox.firm import Firm
from ingest.sandbox.frames import moments, scaled, typed
from ingest.sandbox.kantata_people import USER_ID, Staff
from ingest.sandbox.kantata_schema import SCHEMAS
from ingest.sandbox.kantata_time import persons_in, present
from ingest.sandbox.world import draw

__all__ = ["capacity"]

_WORKWEEK_ID = 5_100
_OWN_WEEK_ID = 5_200_000
_HOLIDAY_ID = 7_300
_HOLIDAY_OF_CALENDAR_ID = 7_400
_OFFICE, _ON_DUTY = 7_101, 7_102
_CALENDAR_OF_ID = 7_500_000
_TIME_OFF_ID = 410_000_000
_ACCOUNT_ID = 15_000_000

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_USUAL, _SHORTER = 480, 450  # minutes a day
_WITH_SHORTER = 0.12  # of people
_CHANGED = 0.3  # of them, in the middle of history
_NEVER = 10**6


@dataclass(frozen=True)
class _Week:
    """From which day on each person has the shorter workweek; beyond all time: never."""

    shorter_from: np.ndarray

    def minutes(self, person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """What persons work on business days."""
        return np.where(day >= self.shorter_from[person], _SHORTER, _USUAL)


def capacity(firm: Firm, people: Staff) -> dict[str, pl.DataFrame]:
    """The streams that say what people are there for, by name."""
    weeks = _weeks(firm, people)
    holidays = _holidays(firm)
    duty = _on_duty(firm, people, holidays)
    frames = {
        "workweeks": _workweeks(firm),
        "workweek_memberships": _own_weeks(weeks),
        "holidays": _holiday_rows(holidays),
        "holiday_calendar_associations": _of_calendar(holidays),
        "holiday_calendar_memberships": _calendars(firm, people, duty),
        "time_off_entries": _time_off(firm, people, weeks, holidays, duty),
        "account_memberships": _account(firm, people),
    }
    return {name: typed(frame, SCHEMAS[name]) for name, frame in frames.items()}


def _day(date: dt.date) -> int:
    return (date - dt.date(1970, 1, 1)).days


def _dates(days: np.ndarray) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _sunday(days: np.ndarray) -> np.ndarray:
    """The Sunday a day's week begins with; day 3 was one."""
    return days - (days - 3) % 7


def _ids(first: int, count: int) -> pl.Series:
    return pl.Series(np.arange(first, first + count)).cast(pl.String)


def _users(persons: np.ndarray) -> pl.Series:
    return pl.Series(USER_ID + persons * 7).cast(pl.String)


def _weeks(firm: Firm, people: Staff) -> _Week:
    persons = np.arange(people.users.height, dtype=np.int64)
    first, days = _day(firm.start_on), (firm.as_of - firm.start_on).days
    shorter = draw(persons, "person/shorter", firm.seed) < _WITH_SHORTER
    changed = draw(persons, "person/shorter/changed", firm.seed) < _CHANGED
    within = first + (draw(persons, "person/shorter/on", firm.seed) * days).astype(np.int64)
    since = _sunday(np.where(changed, within, first - 120))
    return _Week(np.where(shorter, since, _NEVER))


def _workweeks(firm: Firm) -> pl.DataFrame:
    start = _sunday(np.array([_day(firm.start_on) - 400]))
    minutes = {f"{day}_minutes": [_USUAL] for day in _WEEKDAYS} | {"saturday_minutes": [0], "sunday_minutes": [0]}
    return pl.DataFrame({"id": _ids(_WORKWEEK_ID, 1), "default": [True], "start_date": _dates(start), **minutes})


def _own_weeks(weeks: _Week) -> pl.DataFrame:
    who = np.flatnonzero(weeks.shorter_from < _NEVER)
    return pl.DataFrame(
        {
            "id": pl.Series(_OWN_WEEK_ID + who).cast(pl.String),
            "user_id": _users(who),
            "start_date": _dates(weeks.shorter_from[who]),
        }
    ).with_columns(
        **{f"{day}_minutes": pl.lit(_SHORTER) for day in _WEEKDAYS},
        saturday_minutes=pl.lit(0),
        sunday_minutes=pl.lit(0),
    )


def _holidays(firm: Firm) -> dict[int, tuple[dt.date, dt.date]]:
    """The holidays of each turn of the year that history touches, and of the next one."""
    return {
        year: (dt.date(year, 12, 25), dt.date(year + 1, 1, 1))
        for year in range(firm.start_on.year - 1, firm.as_of.year + 1)
    }


def _holiday_rows(holidays: dict[int, tuple[dt.date, dt.date]]) -> pl.DataFrame:
    days = [day for pair in holidays.values() for day in pair]
    return pl.DataFrame(
        {
            "id": _ids(_HOLIDAY_ID, len(days)),
            "name": ["Christmas Day" if day.month == 12 else "New Year's Day" for day in days],
            "start_date": days,
            "end_date": days,
            "paid": [True] * len(days),
        }
    )


def _of_calendar(holidays: dict[int, tuple[dt.date, dt.date]]) -> pl.DataFrame:
    """All holidays are those of the office; those on duty have none."""
    count = 2 * len(holidays)
    return pl.DataFrame(
        {
            "id": _ids(_HOLIDAY_OF_CALENDAR_ID, count),
            "holiday_id": _ids(_HOLIDAY_ID, count),
            "holiday_calendar_id": [str(_OFFICE)] * count,
        }
    )


def _on_duty(firm: Firm, people: Staff, holidays: dict[int, tuple[dt.date, dt.date]]) -> dict[int, np.ndarray]:
    """Year -> which persons work on one of the holidays of its turn."""
    first, last = _day(firm.start_on), _day(firm.as_of) - 1
    found = {}
    for year, pair in holidays.items():
        works = np.zeros(people.users.height, dtype=bool)
        for day in map(_day, pair):
            monday = day - (day - 4) % 7
            if first <= day <= last and day - monday < len(_WEEKDAYS):
                works[persons_in(firm, people, monday)[present(firm, monday)]] = True
        found[year] = works
    return found


def _calendars(firm: Firm, people: Staff, duty: dict[int, np.ndarray]) -> pl.DataFrame:
    """The calendar of each person, from July to July; told again only where it is another one."""
    count = people.users.height
    joined = people.users["created_at"].dt.date().cast(pl.Int32).to_numpy().astype(np.int64)
    rows, before = [], np.zeros(count, dtype=np.int64)
    for year, works in duty.items():
        calendar = np.where(works, _ON_DUTY, _OFFICE)
        july = _day(dt.date(year, 7, 1))
        begins = np.maximum(july, joined)
        who = np.flatnonzero((calendar != before) & (joined < _day(dt.date(year + 1, 7, 1))))
        before[who] = calendar[who]
        rows.append(
            pl.DataFrame(
                {
                    "id": pl.Series(_CALENDAR_OF_ID + (year - firm.start_on.year + 1) * 100_000 + who).cast(pl.String),
                    "holiday_calendar_id": pl.Series(calendar[who]).cast(pl.String),
                    "user_id": _users(who),
                    "start_date": _dates(begins[who]),
                }
            )
        )
    return pl.concat(rows)


def _time_off(
    firm: Firm, people: Staff, weeks: _Week, holidays: dict[int, tuple[dt.date, dt.date]], duty: dict[int, np.ndarray]
) -> pl.DataFrame:
    """Every business day of the weeks that people recorded no time in, but for their holidays."""
    days = business_days(firm.start_on, firm.as_of - dt.timedelta(days=1)).astype(np.int64)
    mondays = days - (days - 4) % 7
    person, day = [], []
    for monday in np.unique(mondays).tolist():
        away = persons_in(firm, people, monday)[~present(firm, monday)]
        week = days[mondays == monday]
        person.append(np.repeat(away, len(week)))
        day.append(np.tile(week, len(away)))
    who, on = np.concatenate(person), np.concatenate(day)
    is_holiday = np.zeros(len(who), dtype=bool)
    for year, pair in holidays.items():
        is_holiday |= np.isin(on, [_day(one) for one in pair]) & ~duty[year][who]
    who, on = who[~is_holiday], on[~is_holiday]
    ahead = 7 + (draw(who * 4_096 + on // 7 % 4_096, "off/asked", firm.seed) * 60).astype(np.int64)
    hundredths = pl.DataFrame({"hundredths": weeks.minutes(who, on) * 100 // 60})
    return pl.DataFrame(
        {
            "id": _ids(_TIME_OFF_ID, len(who)),
            "user_id": _users(who),
            "requested_date": _dates(on),
            "submission_date": _dates(on - ahead),
            "hours": hundredths.select(scaled("hundredths", 2)).to_series(),
        }
    )


def _account(firm: Firm, people: Staff) -> pl.DataFrame:
    """Who takes over a seat comes on a Monday; who gave it up left on the Friday before."""
    persons = np.arange(people.users.height, dtype=np.int64)
    left = people.leaves_on < _NEVER
    takes_over = persons >= firm.size
    day = np.full(len(persons), _NEVER)
    day[: firm.size] = people.leaves_on
    day[people.successor[left]] = people.leaves_on[left]
    created = np.where(takes_over, moments(day, 49_000), people.users["created_at"].to_numpy())
    gone = ~takes_over & (day < _NEVER)
    return pl.DataFrame(
        {
            "id": pl.Series(_ACCOUNT_ID + persons).cast(pl.String),
            "user_id": _users(persons),
            "created_at": pl.Series(created),
            "disabled_at": pl.Series(moments(day - 3, 79_000)),
        }
    ).with_columns(disabled_at=pl.when(pl.Series(gone)).then("disabled_at"))
