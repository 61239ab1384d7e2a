from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.money import (
    MINOR_UNITS,
    exact,
    minor_units,
    round_money,
    round_sql,
    smallest,
    split,
)

MACRO = Path(__file__).parents[2] / "contracts/macros/money.sql"
CURRENCIES = ("USD", "JPY", "KWD", "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "USD", "1.01"),
        ("-1.005", "USD", "-1.01"),
        ("1.0049", "USD", "1.00"),
        ("0.5", "JPY", "1"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
    ],
)
def test_halves_round_away_from_zero(amount: str, currency: str, rounded: str) -> None:
    assert str(round_money(amount, currency)) == rounded


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="is a float"):
        exact(0.1)  # type: ignore[arg-type]


@given(
    st.decimals("-99999999", "99999999", places=4),
    st.sampled_from(CURRENCIES),
)
def test_sql_rounds_like_python(amount: Decimal, currency: str) -> None:
    query = f"select {round_sql('amount', 'currency')} from (select cast(? as decimal(18,4)) as amount, ? as currency)"
    assert duckdb.execute(query, [amount, currency]).fetchone() == (round_money(amount, currency),)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.decimals(0, 1000, places=4), min_size=1, max_size=12).filter(any),
    st.sampled_from(CURRENCIES),
)
def test_shares_add_up_to_the_total_and_none_is_a_unit_off(units: int, weights: list[Decimal], currency: str) -> None:
    total = units * smallest(currency)
    shares = split(total, weights, currency)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - total * weight) < smallest(currency) * sum(weights)


def test_the_odd_cent_goes_to_the_largest_remainder_then_to_the_first() -> None:
    assert split("100.00", [1, 1, 1], "USD") == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert split("-0.05", [2, 3], "USD") == [Decimal("-0.02"), Decimal("-0.03")]


def test_a_total_finer_than_its_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="more digits than the currency"):
        split("0.5", [1], "JPY")


def test_the_macros_know_the_same_currencies() -> None:
    text = MACRO.read_text(encoding="utf-8")
    for digits, macro in ((0, "currencies_without_decimals"), (3, "currencies_with_three_decimals")):
        body = re.search(rf"macro {macro}\(\) -%}}(.*?){{%-? endmacro", text, re.DOTALL)
        assert body
        assert set(re.findall(r"'([A-Z]{3})'", body[1])) == {code for code, n in MINOR_UNITS.items() if n == digits}
    assert set(MINOR_UNITS.values()) == {0, 3}
    assert minor_units("usd") == 2
