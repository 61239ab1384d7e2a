"""Time worked: a week at a time, every seat's days cut into entries, put on lines, valued, submitted and approved.

An entry's number follows from its day, seat and position alone. Entries after the end of a line, or past the value of a
T&M line, become internal time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from ingest.sandbox.agreements import ROLES
from ingest.sandbox.calendar import business_days, month_end
from ingest.sandbox.firm import CURRENCIES, Firm
from ingest.sandbox.kantata_expenses import Trips, expenses, trips_of
from ingest.sandbox.kantata_people import USER_ID, Staff
from ingest.sandbox.kantata_schema import SCHEMAS
from ingest.sandbox.kantata_staffing import SLOTS, Lines, Staffing
from ingest.sandbox.kantata_submissions import resolve, submission_rows
from ingest.sandbox.ns_amounts import hour_parts, value_of
from ingest.sandbox.world import draw

__all__ = ["Work", "Workplaces", "persons_in", "present", "work"]

ENTRY_ID = 1_000_000_000
SHEET_ID = 300_000_000
_MOST_SHEETS = 10  # of one person in a week: three lines and two internal projects, twice at month end
#: Entries of so many weeks are made into records at once; those of one week of a large firm are as many by themselves.
_AT_ONCE = 100_000
_INTERNAL = 0.17  # share of entries that are internal whoever is staffed on what
_BILLABLE = 0.94  # of entries on agreement lines
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
#: How a day is cut into entries, in minutes, and how often.
_CUTS: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.12, (480,)),
    (0.26, (240, 240)),
    (0.12, (240, 150, 90)),
    (0.10, (180, 180, 120)),
    (0.12, (300, 180)),
    (0.10, (240, 120, 120)),
    (0.08, (360, 150)),
    (0.10, (180, 120, 120, 75)),
)
_CUT_EDGES = np.cumsum([share for share, _ in _CUTS])
_CUT_SIZES = np.array([len(parts) for _, parts in _CUTS])
_CUT_MINUTES = np.array([[*parts, *[0] * (4 - len(parts))] for _, parts in _CUTS])


@dataclass(frozen=True)
class Workplaces:
    """Ids and currencies of all workspaces by position, and the internal ones (and their task) by entity and kind."""

    ids: pl.Series
    currency: np.ndarray
    internal: np.ndarray
    internal_story: np.ndarray


@dataclass(frozen=True)
class Work:
    """What delivery recorded."""

    time_entries: pl.DataFrame
    timesheet_submissions: pl.DataFrame
    expenses: pl.DataFrame
    expense_report_submissions: pl.DataFrame


@dataclass(frozen=True)
class _Week:
    """Entries of one week as arrays, before they are submitted. `turn` is the week's number in history."""

    turn: np.ndarray
    seat: np.ndarray
    day: np.ndarray
    part: np.ndarray
    number: np.ndarray
    minutes: np.ndarray
    line: np.ndarray
    billable: np.ndarray
    rate: np.ndarray
    workspace: np.ndarray
    story: np.ndarray


def work(firm: Firm, lines: Lines, staff: Staff, places: Workplaces) -> Work:
    """All weeks from the start of history to the day before the observation.

    Staffing goes week by week; what was done is made into records many weeks at a time.
    """
    staffing = Staffing(firm, lines, staff)
    days = business_days(firm.start_on, firm.as_of - dt.timedelta(days=1)).astype(np.int64)
    mondays = days - (days - 4) % 7
    starts = np.unique(mondays)
    users = pl.Series(USER_ID + np.concatenate([persons_in(firm, staff, monday) for monday in starts]) * 7)
    users = users.cast(pl.String)
    frames: list[list[pl.DataFrame]] = [[], [], [], []]
    entries: list[_Week] = []
    trips: list[Trips] = []
    for turn, monday in enumerate(starts.tolist()):
        week = days[mondays == monday]
        home = np.where(staff.moves_on <= monday, staff.later_home, staff.home)
        working = present(firm, monday)
        assigned = staffing.assign(monday, working, home)
        entries.append(_entries(staffing, assigned, np.flatnonzero(working), week, turn=turn, home=home, places=places))
        trips.append(trips_of(firm, lines, assigned, week, turn))
        if sum(len(one.seat) for one in entries) < _AT_ONCE and turn + 1 < len(starts):
            continue
        filed = _submitted(firm, _together(entries), starts, users=users, role=staff.role, places=places)
        spent = expenses(firm, lines, trips, users=users, workspaces=places.ids, currencies=places.currency)
        for frame, bucket in zip((*filed, *spent), frames, strict=True):
            bucket.append(frame)
        entries, trips = [], []
    return Work(*(pl.concat(bucket, rechunk=False) for bucket in frames))


def persons_in(firm: Firm, staff: Staff, monday: int) -> np.ndarray:
    """Who sits in each seat in a week."""
    return np.where(staff.leaves_on <= monday, staff.successor, np.arange(firm.size))


def _together(weeks: list[_Week]) -> _Week:
    """The entries of several weeks, one week after the other."""
    return _Week(**{one.name: np.concatenate([getattr(week, one.name) for week in weeks]) for one in fields(_Week)})


def present(firm: Firm, monday: int) -> np.ndarray:
    """Who works in a week: everybody but those on leave, few at the turn of the year."""
    key = np.arange(firm.size, dtype=np.int64) * 1_048_576 + monday
    date = dt.date(1970, 1, 1) + dt.timedelta(days=monday)
    holiday = (date.month == 12 and date.day >= 22) or (date.month == 1 and date.day <= 1)
    return draw(key, "seat/present", firm.seed) >= (0.6 if holiday else 0.085)


def _entries(
    staffing: Staffing, assigned: np.ndarray, seats: np.ndarray, week: np.ndarray, *, turn: int, home: np.ndarray,
    places: Workplaces,
) -> _Week:  # fmt: skip
    """Cut the week's days into entries and put each on a line, or on internal time."""
    firm, lines = staffing.firm, staffing.lines
    first = (firm.start_on - dt.date(1970, 1, 1)).days
    seat_day = np.repeat(seats, len(week)), np.tile(week, len(seats))
    cut = draw(seat_day[1] * 32_768 + seat_day[0], "day/cut", firm.seed)
    cut = np.minimum(np.searchsorted(_CUT_EDGES, cut, side="right"), len(_CUTS) - 1)
    sizes = _CUT_SIZES[cut]
    row = np.repeat(np.arange(len(cut)), sizes)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    seat, day = seat_day[0][row], seat_day[1][row]
    number = ((day - first) * firm.size + seat) * 4 + nth
    u = draw((day * 32_768 + seat) * 4 + nth, "entry", firm.seed)
    minutes = _CUT_MINUTES[cut[row], nth] - np.where((u * 8_192) % 1 < 0.03, 10, 0)

    slot = np.searchsorted(np.cumsum(SLOTS), (u - _INTERNAL) / (1 - _INTERNAL), side="right")
    line = np.where(u < _INTERNAL, -1, assigned[seat, np.minimum(slot, len(SLOTS) - 1)])
    line = np.where((line >= 0) & (day >= lines.first[line]) & (day <= lines.last[line]), line, -1)
    billable = (line >= 0) & ((u * 64) % 1 < _BILLABLE)
    epoch = (lines.rate_from[line] <= day[:, None]).sum(axis=1) - 1
    rate = lines.rates[line, epoch, staffing.staff.role[seat]]
    value = value_of(hour_parts(minutes), rate)
    over = _past_value(staffing, line, billable, value, day - week[0])
    staffing.left[np.unique(line[over])] = 0.0
    line = np.where(over, -1, line)
    billable &= ~over
    on_line = line >= 0
    staffing.book(line[on_line], minutes[on_line], np.where(billable & lines.timed[line], value, 0)[on_line])

    kind = ((u * 128) % 1 < 0.4).astype(np.int64)
    own = places.internal[home[seat], kind]
    share = (day - lines.first[line]) / np.maximum(1, lines.ends[line] - lines.first[line] + 1)
    task = np.clip((share * lines.tasks[line] + (u * 256) % 1 * 1.5 - 0.25).astype(np.int64), 0, lines.tasks[line] - 1)
    return _Week(
        turn=np.full(len(seat), turn), seat=seat, day=day, part=_part(week)[np.searchsorted(week, day)], number=number,
        minutes=minutes, line=line, billable=billable, rate=np.where(on_line, rate, 0),
        workspace=np.where(on_line, lines.workspace[line], own),
        story=np.where(on_line, lines.story[line] + 1 + task, places.internal_story[home[seat], kind]),
    )  # fmt: skip


def _past_value(
    staffing: Staffing, line: np.ndarray, billable: np.ndarray, value: np.ndarray, day: np.ndarray
) -> np.ndarray:
    """Billable T&M entries that would take their line past its signed value, in order of work."""
    over = np.zeros(len(line), dtype=bool)
    at = np.flatnonzero(billable & staffing.lines.timed[line])
    at = at[np.argsort(line[at] * 8 + day[at], kind="stable")]
    if not len(at):
        return over
    total = np.cumsum(value[at])
    starts = np.flatnonzero(np.diff(line[at], prepend=-1))
    before = np.repeat(total[starts] - value[at][starts], np.diff(np.append(starts, len(at))))
    over[at] = staffing.used[line[at]] + total - before > staffing.cap[line[at]]
    return over


def _part(week: np.ndarray) -> np.ndarray:
    """0 for the days of the month the week begins in, 1 for those of the next: a sheet never straddles a month end."""
    months = week.astype("datetime64[D]").astype("datetime64[M]")
    return (months != months[0]).astype(np.int64)


def _submitted(
    firm: Firm, week: _Week, mondays: np.ndarray, *, users: pl.Series, role: np.ndarray, places: Workplaces
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Time entries and timesheet submissions of some weeks: one sheet a person, project, week and month.

    `users` has the user of each seat in each week.
    """
    width = np.int64(len(places.ids))
    in_week = firm.size * 2 * width
    sheet, at, of = np.unique(
        week.turn * in_week + (week.seat * 2 + week.part) * width + week.workspace,
        return_index=True, return_inverse=True,
    )  # fmt: skip
    turn, monday = week.turn[at], mondays[week.turn[at]]
    seat, part = week.seat[at], week.part[at]
    base, closing, begin, end = _due(mondays)[:, turn, part]
    persons = (seat * 2 + part) * 1_048_576 + monday
    keys = sheet % in_week * 1_024 + (monday // 7) % 1_024
    outcome = resolve(firm, keys, persons, base=base, month_end=closing.astype(bool), salt="sheet")
    nth = np.arange(len(sheet)) - np.searchsorted(turn, turn)
    numbers = SHEET_ID + 2 * (_MOST_SHEETS * firm.size * turn + nth)
    recent = pl.Series(numbers + outcome.again).cast(pl.String)
    active = pl.when(pl.Series(outcome.active)).then(recent)
    made = np.minimum(
        week.day * _DAY + (72_000 + (week.number * 7_919) % 28_800) * _SECOND, outcome.submitted[of] - 60 * _SECOND
    )
    states = pl.DataFrame({"recent": recent}).select(
        recent=pl.when(pl.Series(outcome.exists)).then("recent"), active=active
    )
    stamp = np.where(outcome.exists[of], outcome.touched[of], made)
    currency = places.currency[week.workspace]
    cost = _COSTS[currency, role[week.seat]]
    rows = pl.DataFrame(
        {
            "id": pl.Series(ENTRY_ID + week.number).cast(pl.String),
            "workspace_id": places.ids.gather(week.workspace),
            "story_id": pl.Series(week.story).cast(pl.String),
            "user_id": users.gather(week.turn * firm.size + week.seat),
            "role_id": _ROLE_IDS.gather(role[week.seat]),
            "date_performed": pl.Series(week.day).cast(pl.Int32).cast(pl.Date),
            "time_in_minutes": week.minutes,
            "billable": week.billable,
            "approved": outcome.approved[of] & outcome.exists[of],
            "is_invoiced": np.zeros(len(of), dtype=bool),
            "invoice_id": pl.Series([None], dtype=pl.String).new_from_index(0, len(of)),
            "rate_in_cents": week.rate,
            "cost_rate_in_cents": cost,
            "currency": _CODES.gather(currency),
            "currency_base_unit": _UNITS[currency],
            "active_submission_id": states["active"].gather(of),
            "recent_submission_id": states["recent"].gather(of),
            "created_at": pl.Series(made).cast(pl.Datetime("us")),
            "updated_at": pl.Series(stamp).cast(pl.Datetime("us")),
        },
        schema=SCHEMAS["time_entries"],
    )
    lists = (
        pl.DataFrame({"of": of, "id": rows["id"]})
        .sort("of", maintain_order=True)
        .group_by("of", maintain_order=True)
        .agg("id")
    )
    sheets = pl.DataFrame(
        {
            "workspace_id": places.ids.gather(week.workspace[at]), "user_id": users.gather(turn * firm.size + seat),
            "start_date": pl.Series(begin).cast(pl.Int32).cast(pl.Date),
            "end_date": pl.Series(end).cast(pl.Int32).cast(pl.Date),
            "time_entry_ids": lists["id"],
        }
    )  # fmt: skip
    return rows, submission_rows(sheets, outcome, numbers, "time_entry_ids")


def _due(mondays: np.ndarray) -> np.ndarray:
    """The day sheets are due, whether it closes a month, and the first and last day they cover: by week and part."""
    return np.array([[_sheet_days(monday, part) for part in (0, 1)] for monday in mondays.tolist()]).transpose(2, 0, 1)


def _sheet_days(monday: int, part: int) -> tuple[int, bool, int, int]:
    """What `_due` says of the sheets of one week, before a month end in it and after."""
    start = dt.date(1970, 1, 1) + dt.timedelta(days=monday)
    last = (month_end(start) - dt.date(1970, 1, 1)).days
    friday, sunday = monday + 4, monday + 6
    if part:
        return friday, False, last + 1, sunday
    return min(last, friday), last <= sunday, monday, min(last, sunday)


_ROLE_IDS = pl.Series([str(301 + index) for index in range(len(ROLES))])
_CODES = pl.Series(list(CURRENCIES))
_UNITS = np.array([currency.base_unit for currency in CURRENCIES.values()])
_COSTS = np.round(
    np.array([c.per_usd for c in CURRENCIES.values()])[:, None] * np.array([role.cost for role in ROLES])[None, :]
).astype(np.int64) * _UNITS[:, None]  # fmt: skip
