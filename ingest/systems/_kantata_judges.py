"""What cannot be of Kantata's workweeks, holidays and time off: judged across fields and set aside with the reason."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ingest.objections import Objection, violations

__all__ = ["judge_membership", "judge_range", "judge_time_off", "judge_workweek"]

_DAY_MINUTES, _DAY_HOURS = 1_440, 24


def judge_workweek(frame: pl.DataFrame) -> pl.DataFrame:
    """Minutes of a weekday below zero or beyond a day, and a workweek that ends before it starts."""
    minutes = [name for name in frame.columns if name.endswith("_minutes")]
    return _found(frame, (
        *(_negative(name) for name in minutes),
        *((name, "over_a_day", pl.col(name) > _DAY_MINUTES, "a day has 1,440 minutes") for name in minutes),
        _backward("start_date", "end_date"),
    ))  # fmt: skip


def judge_range(frame: pl.DataFrame) -> pl.DataFrame:
    """A holiday, or the calendar of a person, that ends before it starts."""
    return _found(frame, (_backward("start_date", "end_date"),))


def judge_membership(frame: pl.DataFrame) -> pl.DataFrame:
    """A person who left the account before coming to it."""
    return _found(frame, (_backward("created_at", "disabled_at"),))


def judge_time_off(frame: pl.DataFrame) -> pl.DataFrame:
    """Time off below zero, or of more hours than a day has."""
    over = ("hours", "over_a_day", pl.col("hours") > _DAY_HOURS, "a day has 24 hours: days may have been written")
    return _found(frame, (_negative("hours"), over))


def _negative(field: str) -> Objection:
    return field, "negative", pl.col(field) < 0, "time that people work, or are off, is never below zero"


def _backward(first: str, last: str) -> Objection:
    return last, "runs_backward", pl.col(last) < pl.col(first), f"it is before {first}"


def _found(frame: pl.DataFrame, objections: Iterable[Objection]) -> pl.DataFrame:
    return violations(frame, objections, _said)


def _said(field: str, why: str) -> pl.Expr:
    return pl.format(f"{field} is {{}}: {why}", pl.col(field).cast(pl.String))
