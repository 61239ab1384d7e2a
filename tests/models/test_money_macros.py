"""The money of SQL is the money of Python: rounding, values of time, minor units, shares."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.build import compiled
from contracts.money import round_money

AMOUNTS = [
    Decimal(text) for text in ("0.005", "1.005", "-1.005", "2.675", "1234567.894999", "-0.5", "99999999.995", "0")
]
CURRENCIES = ("USD", "JPY", "KWD")
#: minutes, hourly rate, currency, value: hours have four decimals, as invoices state them.
TIMES = [
    (465, "155.00", "USD", "1201.25"),
    (20, "200.00", "USD", "66.66"),
    (7, "187.50", "USD", "21.88"),
    (-480, "155.00", "USD", "-1240.00"),
    (20, "30001.00", "JPY", "9999.00"),
    (50, "10.005", "KWD", "8.337"),
    (480, "1500000.00", "IDR", "12000000.00"),
]

INLINE = """
select
    {{ to_minor_unit('amount', 'currency') }} as rounded,
    {{ time_value('minutes', 'rate', 'currency') }} as value_of_time,
    {{ minor_units('units', 'base_unit') }} as minor,
    {{ safe_divide('numerator', 'denominator', 6) }} as ratio,
    {{ share_of('amount', 'numerator', 'denominator') }} as share,
    {{ amount_at_rate('amount', 'rate') }} as before_exchange,
    {{ hours_of_minutes('minutes') }} as hours
from given
"""


@pytest.fixture(scope="module")
def money(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> duckdb.DuckDBPyConnection:
    path: Path = tmp_path_factory.mktemp("money") / "warehouse.duckdb"
    con = duckdb.connect()
    con.execute(
        "create table given (amount decimal(38, 6), currency varchar, minutes bigint, rate decimal(18, 6), "
        "units bigint, base_unit bigint, numerator decimal(18, 4), denominator decimal(18, 4))"
    )
    con.execute(f"create view answers as {compiled(path, INLINE, raw.VARIABLES)}")
    return con


def _answer(con: duckdb.DuckDBPyConnection, column: str, **given: Any) -> Any:
    con.execute("delete from given")
    con.execute(f"insert into given ({', '.join(given)}) values ({', '.join('?' for _ in given)})", [*given.values()])
    return con.execute(f"select {column} from answers").fetchall()[0][0]


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_is_rounded_as_python_rounds_it(
    money: duckdb.DuckDBPyConnection, amount: Decimal, currency: str
) -> None:
    assert _answer(money, "rounded", amount=amount, currency=currency) == round_money(amount, currency)


@pytest.mark.parametrize(("minutes", "rate", "currency", "value"), TIMES)
def test_time_has_the_value_an_invoice_states(
    money: duckdb.DuckDBPyConnection, minutes: int, rate: str, currency: str, value: str
) -> None:
    given = {"minutes": minutes, "rate": Decimal(rate), "currency": currency}
    assert _answer(money, "value_of_time", **given) == Decimal(value)
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
    assert round_money(hours * Decimal(rate), currency) == Decimal(value)


@pytest.mark.parametrize(
    ("units", "base_unit", "amount"), [(12345, 100, "123.45"), (12345, 1, "12345"), (-1, 1000, "-0.001")]
)
def test_minor_units_become_amounts(money: duckdb.DuckDBPyConnection, units: int, base_unit: int, amount: str) -> None:
    assert _answer(money, "minor", units=units, base_unit=base_unit) == Decimal(amount)


def test_a_division_keeps_its_digits_and_survives_zero(money: duckdb.DuckDBPyConnection) -> None:
    assert _answer(money, "ratio", numerator=Decimal(10), denominator=Decimal(3)) == Decimal("3.333333")
    assert _answer(money, "ratio", numerator=Decimal(10), denominator=Decimal(0)) is None


def test_a_share_is_rounded_once(money: duckdb.DuckDBPyConnection) -> None:
    given = {"amount": Decimal("119.00"), "numerator": Decimal(100), "denominator": Decimal(119)}
    assert _answer(money, "share", **given) == Decimal("100.0000")
    assert _answer(money, "share", amount=Decimal("-0.05"), numerator=Decimal(1), denominator=Decimal(2)) == Decimal(
        "-0.03"
    )


@pytest.mark.parametrize(
    ("amount", "rate", "before"),
    [("37500.00", "1.25", "30000"), ("-24200", "1.1", "-22000"), ("1", "0.006667", "149.99"), ("-0.01", "2", "-0.01")],
)
def test_an_exchanged_amount_goes_back_to_where_it_came_from(
    money: duckdb.DuckDBPyConnection, amount: str, rate: str, before: str
) -> None:
    assert _answer(money, "before_exchange", amount=Decimal(amount), rate=Decimal(rate)) == Decimal(before)


def test_hours_have_eight_digits(money: duckdb.DuckDBPyConnection) -> None:
    assert _answer(money, "hours", minutes=20) == Decimal("0.33333333")
