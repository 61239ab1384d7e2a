"""A value written into SQL is read back as it was."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from contracts.sql import literal, name


@pytest.mark.parametrize(
    "value",
    [None, True, 7, Decimal("10.50"), "O'Hara; --", dt.date(2026, 3, 31), dt.datetime(2026, 3, 31, 10, 30)],
)
def test_a_literal_is_the_value(value: object) -> None:
    assert duckdb.execute(f"select {literal(value)}").fetchone() == (value,)


@pytest.mark.parametrize("spelt", ["order", 'a "quoted" name', "Größe €"])
def test_a_name_is_the_name(spelt: str) -> None:
    assert duckdb.sql(f"select 1 as {name(spelt)}").columns == [spelt]
