"""Travel and other expenses: about one project in eight travels, and then nearly every week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.firm import CURRENCIES, Firm
from ingest.sandbox.frames import choose
from ingest.sandbox.kantata_schema import SCHEMAS
from ingest.sandbox.kantata_staffing import Lines
from ingest.sandbox.kantata_submissions import resolve, submission_rows
from ingest.sandbox.world import draw, normal

__all__ = ["Trips", "expenses", "trips_of"]

EXPENSE_ID = 600_000_000
REPORT_ID = 800_000_000
_MOST = 12
_CATEGORIES = {
    "Airfare": 0.16,
    "Lodging": 0.24,
    "Meals": 0.30,
    "Ground transport": 0.22,
    "Mileage": 0.05,
    "Other": 0.03,
}
_TYPICAL = {"Airfare": 420.0, "Lodging": 210.0, "Meals": 46.0, "Ground transport": 58.0, "Mileage": 75.0, "Other": 90.0}
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_CODES = pl.Series(list(CURRENCIES))
_UNITS = np.array([currency.base_unit for currency in CURRENCIES.values()])
_PER_USD = np.array([currency.per_usd for currency in CURRENCIES.values()])


@dataclass(frozen=True)
class Trips:
    """Who travels in one week (`turn`: its number in history), for which lines, and on which of its business days."""

    turn: int
    week: np.ndarray
    seats: np.ndarray
    line: np.ndarray


def trips_of(firm: Firm, lines: Lines, assigned: np.ndarray, week: np.ndarray, turn: int) -> Trips:
    """Those whose main assignment travels travel, when they are on the line for the whole week."""
    line = assigned[:, 0]
    monday, friday = int(week[0]), int(week[-1])
    away = (line >= 0) & lines.travels[line] & (lines.first[line] <= monday) & (lines.last[line] >= friday)
    seats = np.flatnonzero(away & (draw(np.arange(firm.size) * 1_048_576 + monday, "trip", firm.seed) < 0.9))
    return Trips(turn, week, seats, line[seats])


def expenses(
    firm: Firm, lines: Lines, weeks: list[Trips], *, users: pl.Series, workspaces: pl.Series, currencies: np.ndarray
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Expenses and expense reports of some weeks. `users` has the user of each seat in each week."""
    per_week = [len(one.seats) for one in weeks]
    turn, monday, friday = (
        np.repeat(np.array([pick(one) for one in weeks], dtype=np.int64), per_week)
        for pick in (lambda one: one.turn, lambda one: one.week[0], lambda one: one.week[-1])
    )
    seats, line = np.concatenate([one.seats for one in weeks]), np.concatenate([one.line for one in weeks])
    reports = turn * firm.size + seats
    key = seats * 1_048_576 + monday
    count = 5 + (draw(key, "trip/lines", firm.seed) * (_MOST - 5)).astype(np.int64)
    of = np.repeat(np.arange(len(seats)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    at = key[of] * 16 + nth
    category = choose(draw(at, "expense/category", firm.seed), _CATEGORIES)
    place = lines.workspace[line][of]
    currency = currencies[place]
    typical = np.array([_TYPICAL[name] for name in category]) if len(of) else np.zeros(0)
    usd = typical * np.exp(0.35 * normal(at, "expense/amount", firm.seed))
    amount = np.maximum(1, np.round(usd * _PER_USD[currency] * _UNITS[currency])).astype(np.int64)
    days = (friday - monday + 1)[of]
    day = monday[of] + (draw(at, "expense/day", firm.seed) * days).astype(np.int64)
    closing = np.zeros(len(seats), dtype=bool)
    outcome = resolve(firm, key, key, base=friday + 3, month_end=closing, salt="report")
    numbers = REPORT_ID + 2 * reports
    recent = pl.Series(numbers + outcome.again).cast(pl.String)
    states = pl.DataFrame({"recent": recent}).select(
        recent=pl.when(pl.Series(outcome.exists)).then("recent"),
        active=pl.when(pl.Series(outcome.active)).then("recent"),
    )
    made = np.minimum((day + 1) * _DAY + ((nth * 977) % 10_000) * _SECOND, outcome.submitted[of] - 60 * _SECOND)
    rows = pl.DataFrame(
        {
            "id": pl.Series(EXPENSE_ID + reports[of] * _MOST + nth).cast(pl.String),
            "workspace_id": workspaces.gather(place), "user_id": users.gather(reports[of]),
            "story_id": pl.Series(lines.story[line][of]).cast(pl.String),
            "date": pl.Series(day).cast(pl.Int32).cast(pl.Date), "amount_in_cents": amount,
            "currency": _CODES.gather(currency), "currency_base_unit": _UNITS[currency],
            "category": category.astype(str),
            "is_billable": draw(at, "expense/billable", firm.seed) < 0.85, "is_invoiced": np.zeros(len(of), dtype=bool),
            "reimbursable": np.ones(len(of), dtype=bool), "active_submission_id": states["active"].gather(of),
            "recent_submission_id": states["recent"].gather(of), "created_at": pl.Series(made).cast(pl.Datetime("us")),
            "updated_at": pl.Series(np.where(outcome.exists[of], outcome.touched[of], made)).cast(pl.Datetime("us")),
        },
        schema=SCHEMAS["expenses"],
    )  # fmt: skip
    lists = pl.DataFrame({"of": of, "id": rows["id"]}).group_by("of", maintain_order=True).agg("id")
    claims = pl.DataFrame(
        {
            "workspace_id": workspaces.gather(lines.workspace[line]), "user_id": users.gather(reports),
            "start_date": pl.Series(monday).cast(pl.Int32).cast(pl.Date),
            "end_date": pl.Series(friday).cast(pl.Int32).cast(pl.Date), "expense_ids": lists["id"],
        }
    )  # fmt: skip
    return rows, submission_rows(claims, outcome, numbers, "expense_ids")
