"""Travel and other expenses: about one project in eight travels, and then nearly every week."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingest.sandbox.firm import CURRENCIES, Firm
from ingest.sandbox.frames import choose
from ingest.sandbox.kantata_schema import SCHEMAS
from ingest.sandbox.kantata_staffing import Lines
from ingest.sandbox.kantata_submissions import resolve, submission_rows
from ingest.sandbox.world import draw, normal

__all__ = ["week_of_expenses"]

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


def week_of_expenses(
    firm: Firm, lines: Lines, assigned: np.ndarray, week: np.ndarray, *, users: pl.Series, workspaces: pl.Series,
    currencies: np.ndarray, reports: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """Expenses and expense reports of one week: those whose main assignment travels, for the whole week on the line."""
    line = assigned[:, 0]
    monday, friday = int(week[0]), int(week[-1])
    away = (line >= 0) & lines.travels[line] & (lines.first[line] <= monday) & (lines.last[line] >= friday)
    seats = np.flatnonzero(away & (draw(np.arange(firm.size) * 1_048_576 + monday, "trip", firm.seed) < 0.9))
    key = seats * 1_048_576 + monday
    count = 5 + (draw(key, "trip/lines", firm.seed) * (_MOST - 5)).astype(np.int64)
    of = np.repeat(np.arange(len(seats)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    at = key[of] * 16 + nth
    category = choose(draw(at, "expense/category", firm.seed), _CATEGORIES)
    line = line[seats]
    place = lines.workspace[line][of]
    currency = currencies[place]
    typical = np.array([_TYPICAL[name] for name in category]) if len(of) else np.zeros(0)
    usd = typical * np.exp(0.35 * normal(at, "expense/amount", firm.seed))
    amount = np.maximum(1, np.round(usd * _PER_USD[currency] * _UNITS[currency])).astype(np.int64)
    day = week[(draw(at, "expense/day", firm.seed) * len(week)).astype(np.int64)]
    due, closing = np.full(len(seats), friday + 3), np.zeros(len(seats), dtype=bool)
    outcome = resolve(firm, key, key, base=due, month_end=closing, salt="report")
    numbers = REPORT_ID + 2 * (reports + seats)
    recent = pl.Series(numbers + outcome.again).cast(pl.String)
    states = pl.DataFrame({"recent": recent}).select(
        recent=pl.when(pl.Series(outcome.exists)).then("recent"),
        active=pl.when(pl.Series(outcome.active)).then("recent"),
    )
    made = np.minimum((day + 1) * _DAY + ((nth * 977) % 10_000) * _SECOND, outcome.submitted[of] - 60 * _SECOND)
    rows = pl.DataFrame(
        {
            "id": pl.Series(EXPENSE_ID + (reports + seats)[of] * _MOST + nth).cast(pl.String),
            "workspace_id": workspaces.gather(place), "user_id": users.gather(seats[of]),
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
    width = len(seats)
    claims = pl.DataFrame(
        {
            "workspace_id": workspaces.gather(lines.workspace[line]), "user_id": users.gather(seats),
            "start_date": pl.Series(np.full(width, monday)).cast(pl.Int32).cast(pl.Date),
            "end_date": pl.Series(np.full(width, friday)).cast(pl.Int32).cast(pl.Date), "expense_ids": lists["id"],
        }
    )  # fmt: skip
    return rows, submission_rows(claims, outcome, numbers, "expense_ids")
