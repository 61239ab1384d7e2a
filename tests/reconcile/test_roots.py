"""Which cause a break hangs under when more than one mistake met on its agreement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from reconcile import roots
from reconcile.rule import Rule, Shape, Side
from reconcile.rules import (
    billed_once,
    duplicate_invoice,
    duplicate_time,
    labour_cost,
    over_billing,
    revenue_before_acceptance,
    stale_deferred,
    unapproved_time,
)
from reconcile.schema import BREAK, ddl
from tests.reconcile.books import warehouse
from tests.reconcile.case_format import read, reconciled

#: A break of the checks below: id, check, agreement, money, currency, and the records it names.
Row = tuple[str, str, str, str, str, tuple[str, ...]]


def rule(check: str, *causes: tuple[str, str]) -> Rule:
    return Rule(
        check=check, name=f"rule_{check.lower()}", entity="agreement", shape=Shape.LIMIT,
        left=Side("ERP", "t", amount="a"),
        on=("agreement_id",), limit="0", caused_by=causes,
    )  # fmt: skip


def grouped(
    rules: list[Rule], *rows: Row, entity: str | None = None, told: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """break -> its root; `told` is the payload of breaks that have one."""
    con = warehouse()
    con.execute(f"create table breaks ({ddl(BREAK)})")
    con.execute("create table records (break_id varchar, connection varchar, object varchar, record_id varchar)")
    for break_id, check, agreement, money, currency, named in rows:
        con.execute(
            "insert into breaks (break_id, check_id, entity_id, agreement_id, variance, impact, currency, status, "
            "payload) values (?, ?, ?, ?, ?, abs(?), ?, 'open', ?)",
            [break_id, check, entity, agreement, Decimal(money), Decimal(money), currency,
             json.dumps((told or {}).get(break_id, {}))],
        )  # fmt: skip
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


@pytest.mark.parametrize(("limit", "root"), [("SOW-1/1", "copy"), ("SOW-1/2", "beyond"), (None, "beyond")])
def test_time_charged_twice_is_the_cause_of_what_goes_beyond_the_limit_it_counts_against(
    limit: str | None, root: str
) -> None:
    """A fixed fee of line 1 is not exceeded by hours of line 2; a copy on a draft counts against nothing yet."""
    rules = [over_billing.RULE, duplicate_time.RULE]
    beyond: Row = ("beyond", "K33", "AGR-1", "4000", "USD", ())
    copy: Row = ("copy", "K16", "AGR-1", "250", "USD", ())
    told = {"beyond": {"limit_key": "SOW-1/1"}, "copy": {"limit_key": limit} if limit else {}}
    assert grouped(rules, beyond, copy, told=told)["beyond"] == root


@pytest.mark.parametrize(("line", "root"), [("12", "line"), ("99", "beyond")])
def test_an_invoice_line_of_too_much_is_the_cause_of_what_goes_beyond_a_limit_that_names_it(
    line: str, root: str
) -> None:
    """A cap of a whole agreement is of no single line: what it counts are records."""
    rules = [over_billing.RULE, billed_once.RULE]
    beyond: Row = ("beyond", "K33", "AGR-1", "500", "USD", ("11", "12"))
    assert grouped(rules, beyond, ("line", "K28", "AGR-1", "500", "USD", (line,)))["beyond"] == root


@pytest.mark.parametrize(("short", "root"), [("SOW-1/3", "stale"), (None, "early")])
def test_revenue_before_acceptance_does_not_follow_from_a_milestone_that_was_billed_twice(
    short: str | None, root: str
) -> None:
    """Both are worth the milestone. Only a schedule that lacks part of the line keeps its revenue away."""
    rules = [duplicate_invoice.RULE, stale_deferred.RULE, revenue_before_acceptance.RULE]
    rows: list[Row] = [
        ("twice", "K29", "AGR-1", "28466.67", "USD", ()),
        ("stale", "K60", "AGR-1", "28466.67", "USD", ()),
        ("early", "K49", "AGR-1", "28466.67", "USD", ()),
    ]
    stale = {"short_line_key": short} if short else {"overbilled_id": "AGR-1"}
    found = grouped(rules, *rows, told={"stale": stale, "early": {"agreement_line_key": "SOW-1/3"}})
    assert found["early"] == root
    assert found["stale"] == ("stale" if short else "twice")


#: Two hours that were posted on each of three projects are gone from delivery. The cost of PRJ-000001 is too high by
#: them; PRJ-000002 was also left out of the month's journal; they were approved in the month before on PRJ-000003.
GONE = """
== entries that are gone
as_of 2026-03-06 | connections kantata:PSA netsuite:ERP

intermediate.int_time_entry__posted  connection=netsuite role=ERP object=timebill kind=actual state=approved work_on=2026-01-28 hours=2 charged_amount=242 charge_currency=USD
| source_id | time_entry_key | project_id | approved_period |
| 901       | 1              | PRJ-000001 | 2026-02         |
| 902       | 2              | PRJ-000002 | 2026-02         |
| 903       | 3              | PRJ-000003 | 2026-01         |

revenue.project_costs  book=primary kind=labour period=2026-02 posted_on=2026-02-28 hidden_row_count=0 legal_entity_id=LEN-000001 legal_entity_code=US01 currency=USD is_told=false
| role | connection | object                    | source_id | row_id | project_id | is_booked | amount |
| PSA  | kantata    | workspaces                | 101       | 1      | PRJ-000001 | false     | 4000   |
| ERP  | netsuite   | transactionaccountingline | 1/7/1     | 2      | PRJ-000001 | true      | 4116   |
| PSA  | kantata    | workspaces                | 102       | 3      | PRJ-000002 | false     | 4000   |
| ERP  | netsuite   | transactionaccountingline | 1/7/2     | 4      | PRJ-000002 | true      | 116    |
| PSA  | kantata    | workspaces                | 103       | 5      | PRJ-000003 | false     | 4000   |
| ERP  | netsuite   | transactionaccountingline | 1/7/3     | 6      | PRJ-000003 | true      | 4116   |
"""  # noqa: E501 - tables are read by people


def test_cost_hangs_under_an_entry_that_is_gone_where_and_when_the_entry_left_it(tmp_path: Path) -> None:
    path = tmp_path / "gone.txt"
    path.write_text(GONE, "utf-8")
    con = reconciled(read(path)[0], unapproved_time.RULE, labour_cost.RULE)
    roots_of = (
        "select b.project_id, r.check_id, b.variance from recon.breaks as b join recon.breaks as r "
        "on r.break_id = b.root_id where b.check_id = 'K71' order by 1"
    )
    assert con.execute(roots_of).fetchall() == [
        ("PRJ-000001", "K15", Decimal(116)), ("PRJ-000002", "K71", Decimal(-3884)), ("PRJ-000003", "K71", Decimal(116)),
    ]  # fmt: skip
