import random
from decimal import Decimal

import duckdb
import pytest

from reconcile import census
from reconcile import compile as compiler
from reconcile.compare import compare_relations
from reconcile.rule import Field, Tolerance

FIELDS = ("hours", "amount", "status")


def book(con: duckdb.DuckDBPyConnection, name: str, rows: list[tuple[object, ...]]) -> None:
    con.execute(
        f"create or replace table {name} (id varchar, hours decimal(9,2), amount decimal(18,2), currency varchar, "
        "status varchar)"
    )
    holes = ", ".join(["(?, ?, ?, ?, ?)"] * len(rows))
    con.execute(f"insert into {name} values {holes}", [value for row in rows for value in row])


def sides() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    left: list[tuple[object, ...]] = [
        (f"TE{n}", Decimal(n % 8 + 1), Decimal(n) + Decimal("0.10"), "USD", "ok") for n in range(300)
    ]
    right = list(left)
    del right[:3]
    right += [("TX1", Decimal(1), Decimal(1), "USD", "ok"), left[7], (*left[8][:2], Decimal(99), "USD", "ok")]
    right[20] = (*right[20][:2], Decimal(str(right[20][2])) + Decimal("0.01"), "USD", "ok")
    right[30] = (*right[30][:4], "open")
    right[40] = (None, *right[40][1:])
    return left, right


@pytest.mark.parametrize("at_least", [0, census.WORTHWHILE])
def test_the_breaks_are_the_same_over_five_shuffles(at_least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler.reduce, "__defaults__", (at_least,))
    found = set()
    for seed in range(5):
        con = duckdb.connect()
        left, right = sides()
        random.Random(seed).shuffle(left)
        random.Random(seed + 9).shuffle(right)
        book(con, "l", left)
        book(con, "r", right)
        result = compare_relations(con, "l", "r", ["id"], FIELDS, amount="amount", currency="currency")
        assert result.is_proved
        assert result.by_type == {
            "amount": 2, "duplicate": 2, "missing_left": 1, "missing_right": 4, "unmapped": 1
        }  # fmt: skip
        found.add(repr(con.execute(f"select * from {result.relation} order by all").fetchall()))
    assert len(found) == 1


def test_a_cent_within_tolerance_is_no_break() -> None:
    con = duckdb.connect()
    left, right = sides()
    book(con, "l", left)
    book(con, "r", right)
    fields = [Field("hours"), Field("amount", tolerance=Tolerance.absolute("0.01")), Field("status")]
    result = compare_relations(con, "l", "r", ["id"], fields, amount="amount", currency="currency")
    assert result.by_type["amount"] == 1
    assert result.is_proved
