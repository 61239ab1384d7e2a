"""Which cause a break hangs under when more than one mistake met on its agreement."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from reconcile import roots
from reconcile.rule import Rule, Shape, Side
from reconcile.schema import BREAK, ddl

#: A break of the checks below: id, check, agreement, money, currency, and the records it names.
Row = tuple[str, str, str, str, str, tuple[str, ...]]


def rule(check: str, *causes: tuple[str, str]) -> Rule:
    return Rule(
        check=check, name=f"rule_{check.lower()}", entity="agreement", shape=Shape.LIMIT,
        left=Side("ERP", "t", amount="a"),
        on=("agreement_id",), limit="0", caused_by=causes,
    )  # fmt: skip


def grouped(rules: list[Rule], *rows: Row, entity: str | None = None) -> dict[str, str]:
    """break -> its root."""
    con = duckdb.connect()
    con.execute(f"create table breaks ({ddl(BREAK)})")
    con.execute("create table records (break_id varchar, connection varchar, object varchar, record_id varchar)")
    for break_id, check, agreement, money, currency, named in rows:
        con.execute(
            "insert into breaks (break_id, check_id, entity_id, agreement_id, variance, impact, currency, status) "
            "values (?, ?, ?, ?, ?, abs(?), ?, 'open')",
            [break_id, check, entity, agreement, Decimal(money), Decimal(money), currency],
        )
        for record in named:
            con.execute("insert into records values (?, 'netsuite', 'transactionline', ?)", [break_id, record])
    roots.assign(con, "breaks", "records", rules)
    found: dict[str, str] = dict(con.execute("select break_id, root_id from breaks order by all").fetchall())
    return found


WIDE = [rule("K28"), rule("K35"), rule("K56", ("K35", "agreement_id"), ("K28", "agreement_id"))]
LINE: Row = ("line", "K28", "AGR-1", "1850", "USD", ("7",))
CREDIT: Row = ("credit", "K35", "AGR-1", "9000", "USD", ("8",))


def test_of_two_causes_on_one_agreement_the_one_with_the_same_money_is_the_root() -> None:
    found = grouped(WIDE, LINE, CREDIT, ("account", "K56", "AGR-1", "-1850", "USD", ()))
    assert found["account"] == "line"


def test_the_same_number_in_another_currency_is_not_the_same_money() -> None:
    line = (*LINE[:4], "EUR", LINE[5])
    found = grouped(WIDE, line, CREDIT, ("account", "K56", "AGR-1", "1850", "USD", ()))
    assert found["account"] == "credit"


def test_where_the_money_tells_nothing_a_cause_that_names_the_same_record_is_the_root() -> None:
    found = grouped(WIDE, LINE, CREDIT, ("account", "K56", "AGR-1", "1200", "USD", ("7",)))
    assert found["account"] == "line"


def test_the_order_of_the_causes_decides_next_and_the_larger_of_equals_last() -> None:
    account: Row = ("account", "K56", "AGR-1", "1200", "USD", ())
    assert grouped(WIDE, LINE, CREDIT, account)["account"] == "credit"
    small: Row = ("small", "K35", "AGR-1", "10", "USD", ())
    assert grouped(WIDE, LINE, CREDIT, small, account)["account"] == "credit"
    twin: Row = ("another", *CREDIT[1:])
    assert grouped(WIDE, twin, CREDIT, account)["account"] == "another"


@pytest.mark.parametrize(("named", "root"), [(("7",), "line"), ((), "balance")])
def test_a_link_by_records_takes_no_break_that_names_none_of_the_records_of_the_cause(
    named: tuple[str, ...], root: str
) -> None:
    strict = [rule("K28"), rule("K62", ("K28", "records"))]
    assert grouped(strict, LINE, ("balance", "K62", "AGR-1", "1000", "USD", named))["balance"] == root


def test_a_rule_says_itself_when_its_break_is_a_consequence_at_all() -> None:
    stale = [rule("K28"), rule("K60", ("K28", "entity_id=agreement_id"))]
    assert grouped(stale, LINE, ("stale", "K60", "AGR-1", "1850", "USD", ()))["stale"] == "stale"
    assert grouped(stale, LINE, ("stale", "K60", "AGR-1", "1850", "USD", ()), entity="AGR-1")["stale"] == "line"


def test_a_cause_of_another_agreement_is_none_however_equal() -> None:
    assert grouped(WIDE, LINE, ("account", "K56", "AGR-2", "1850", "USD", ()))["account"] == "account"
