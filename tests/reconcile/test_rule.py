from decimal import Decimal

import duckdb
import pytest

from contracts.money import minor_unit_sql
from reconcile.errors import RuleError
from reconcile.rule import TOLERANCE_CLASSES, BreakType, Field, Rule, Shape, Side, Tolerance, Window
from tests.reconcile.books import breaks, firm, reconcile

PSA, ERP = Side("PSA", "psa", amount="amount"), Side("ERP", "erp", amount="amount")
GOOD = {
    "check": "K01",
    "name": "rule",
    "entity": "thing",
    "shape": Shape.PAIR,
    "left": PSA,
    "right": ERP,
    "on": ("thing_key",),
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"check": "14"}, "the check is like K14"),
        ({"on": ()}, "has no key"),
        ({"right": None}, "compares sides, only one is given"),
        ({"shape": Shape.LIMIT}, "judges one side, 2 are given"),
        ({"shape": Shape.LIMIT, "right": None}, "needs limit="),
        ({"shape": Shape.SEQUENCE, "right": None}, "needs broken="),
        ({"shape": Shape.TOTAL, "right": Side("ERP", "erp")}, "each side needs amount="),
        ({"reference": 2}, "reference=2 names no side"),
        ({"compare": (Field("note"), Field("note"))}, "compares a field twice"),
        ({"sql": lambda context: ""}, "its own proof terms too"),
    ],
)
def test_a_rule_that_cannot_work_says_why(change: dict[str, object], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Rule(**{**GOOD, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"on": ("thing_kez",)}, "no column 'thing_kez'; nearest: thing_key"),
        ({"compare": (Field("nota"),)}, "no column 'nota'; nearest: note"),
        ({"payload": {"x": "amount"}}, "say reference.amount or other.amount"),
        ({"payload": {"x": "reference.amont"}}, "no column 'amont'"),
        ({"left": Side("PSA", "nowhere", amount="amount")}, "its relation cannot be read"),
        ({"left": Side("PSA", "psa", where="amount >", amount="amount")}, "cannot be read as SQL"),
        (
            {
                "compare": (Field("thing_key"), Field("mixed")),
                "left": Side("PSA", "psa", columns={"mixed": "work_on"}),
                "right": Side("ERP", "erp", columns={"mixed": "note"}),
            },
            "mixed is a date on the PSA side and a text",
        ),
        (
            {
                "compare": (Field("price"),),
                "left": Side("PSA", "psa", columns={"price": "cast(amount as double)"}),
                "right": Side("ERP", "erp", columns={"price": "amount"}),
            },
            "cannot be compared exactly",
        ),
    ],
)
def test_a_rule_that_does_not_fit_its_relations_names_the_nearest(change: dict[str, object], message: str) -> None:
    con = firm(psa=[{"thing_key": "A"}], erp=[{"thing_key": "A"}])
    with pytest.raises(RuleError, match=message):
        reconcile(con, Rule(**{**GOOD, **change}))


@pytest.mark.parametrize(
    ("normalise", "left", "right", "differs"),
    [
        ((), "a1", "A1", True),
        (("fold",), "a1", "A1", False),
        (("trim", "fold"), " A1 ", "a1", False),
        (("zeros",), "0007", "7", False),
        (("alnum", "fold"), "NW-7 / b", "nw7B", False),
        (("blank",), "", None, False),
        ((), "", None, True),
    ],
)
def test_form_is_folded_only_where_a_field_says_so(
    normalise: tuple[str, ...], left: str | None, right: str | None, differs: bool
) -> None:
    rule = Rule(**{**GOOD, "compare": (Field("note", break_type=BreakType.CLASSIFICATION, normalise=normalise),)})
    con = firm(psa=[{"thing_key": "A", "note": left}], erp=[{"thing_key": "A", "note": right}])
    reconcile(con, rule)
    assert breaks(con, "left_value, right_value") == ([(left, right)] if differs else [])


def test_a_tolerance_may_be_one_sided_relative_or_computed() -> None:
    con = firm(psa=[{"thing_key": "A", "amount": 100, "cap": 3}], erp=[{"thing_key": "A", "amount": 102}])
    for bounds, differs in (
        (Tolerance(above="2"), False),
        (Tolerance(below="2"), True),
        (Tolerance(relative="0.02"), False),
        (Tolerance(relative="0.019"), True),
        (Tolerance(above="reference.cap"), False),
        (Tolerance.absolute("100 * minor_unit * lines"), True),
    ):
        reconcile(con, Rule(**{**GOOD, "compare": (Field("amount", tolerance=bounds),)}))
        assert bool(breaks(con, "break_id", "status = 'open'")) is differs


def test_a_window_needs_a_start() -> None:
    with pytest.raises(RuleError, match="needs a start"):
        Window("")


@pytest.mark.parametrize(
    ("name", "currency", "lines", "allowed"),
    [
        ("T0", "USD", 9, "0"),
        ("T1", "USD", 3, "0.03"),
        ("T1", "JPY", 2, "2"),
        ("T2", "USD", 3, "1.00"),
        ("T2", "USD", 200, "2.00"),
    ],
)
def test_a_class_of_tolerance_allows_so_much_each_way(name: str, currency: str, lines: int, allowed: str) -> None:
    stated = TOLERANCE_CLASSES[name]
    known = f"(select ? as lines, {minor_unit_sql('currency')} as minor_unit from (select ? as currency))"
    query = f"select cast({stated.below} as decimal(18,4)), cast({stated.above} as decimal(18,4)) from {known}"
    assert duckdb.execute(query, [lines, currency]).fetchone() == (Decimal(allowed), Decimal(allowed))
