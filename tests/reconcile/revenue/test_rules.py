"""Single rules, and the words they are explained with."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from reconcile.revenue import Override, Policy, read_events, recompute
from reconcile.revenue.methods import METHODS
from reconcile.revenue.modification import Change, decide
from reconcile.revenue.months import MONTH, month_of, month_position, months_between
from reconcile.revenue.price import constrained, most_likely, refund_liability
from reconcile.revenue.rounding import half_up, parts, step_of
from tests.reconcile.revenue.case_text import differences, evidence, read, recomputed

CASES = Path(__file__).parents[2] / "cases" / "revenue"


@pytest.mark.parametrize(
    ("numerator", "denominator", "step", "expected"),
    [(149, 1, 100, 100), (150, 1, 100, 200), (-150, 1, 100, -200), (1, 3, 1, 0), (2, 3, 1, 1), (0, 7, 100, 0)],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, step: int, expected: int) -> None:
    assert half_up(numerator, denominator, step) == expected


def test_a_minor_unit_is_the_currency_s_own() -> None:
    assert [step_of(currency) for currency in ("USD", "JPY", "KWD")] == [100, 10_000, 10]


def test_parts_of_a_price_with_stray_digits_still_add_up() -> None:
    assert sum(parts(1_000_055, [1, 1, 1], "USD")) == 1_000_055


def test_months_are_equal_and_split_by_days() -> None:
    january, march = date(2026, 1, 1).toordinal(), date(2026, 3, 1).toordinal()
    assert month_position(march) - month_position(january) == 2 * MONTH
    middle = date(2026, 2, 15).toordinal()
    assert month_position(middle) - month_position(january) == MONTH + MONTH // 2
    assert [month.period for month in months_between("2025-12", "2026-02")] == ["2025-12", "2026-01", "2026-02"]
    assert month_of("2025-12").after == january


def change(**fields: object) -> Change:
    given = {
        "is_signed": True, "is_new": False, "is_charged": False, "is_series": False, "amount": 100, "ssp": None,
        "adds_scope": True,
    }  # fmt: skip
    return Change(**(given | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "treatment"),
    [
        (change(is_signed=False, is_new=True, ssp=100), "unsigned"),
        (change(is_new=True, ssp=100), "separate"),
        (change(is_new=True), "separate"),
        (change(is_new=True, takes_stated_as_ssp=False), "prospective"),
        (change(is_new=True, ssp=120), "prospective"),
        (change(is_new=True, ssp=100, is_distinct=False), "catch_up"),
        (change(is_series=True), "prospective"),
        (change(is_series=True, ssp=100), "separate"),
        (change(is_series=True, ssp=100, adds_scope=False), "prospective"),
        (change(is_series=True, is_distinct=False), "catch_up"),
        (change(), "catch_up"),
        (change(is_distinct=True), "prospective"),
        (change(is_charged=True, is_series=True), "prospective"),
        (change(is_charged=True, is_series=True, is_retroactive=True), "catch_up"),
    ],
)
def test_the_table_decides_an_amendment(line: Change, treatment: str) -> None:
    found = decide(line)
    assert found.name == treatment
    assert "606-10" in found.rule
    assert "IFRS 15" in found.rule
    assert found.reason


def test_every_method_names_its_paragraph() -> None:
    assert all("606-10" in method.rule and "IFRS 15" in method.rule for method in METHODS.values())


def test_the_constraint_takes_what_is_sure_enough() -> None:
    assert constrained(100, confidence="probable", limit=None, required="probable") == 100
    assert constrained(100, confidence="probable", limit=None, required="highly_probable") == 0
    assert constrained(100, confidence="", limit=60, required="probable") == 60
    assert constrained(-100, confidence="remote", limit=None, required="probable") == -100
    assert most_likely([(100, 70_000_000), (0, 30_000_000)]) == 100
    assert Policy(standard="ifrs").likelihood == "highly_probable"
    assert Policy().likelihood == "probable"


def test_a_refund_liability_ends_when_the_rebate_is_credited() -> None:
    assert refund_liability(575_000, 0, 120_000, 1_080_000, 100) == 57_500
    assert refund_liability(517_500, 57_500, 120_000, 1_080_000, 100) == 0


def test_a_policy_is_the_book_s_with_the_entity_s_own_choices() -> None:
    policy = Policy(ssp="list", entities={"UK01": {"ratable": "month", "standard": "ifrs"}})
    assert (policy.of("UK01").ratable, policy.of("UK01").ssp, policy.of("UK01").losses) == ("month", "list", "ifrs")
    assert policy.of("US01") == policy
    with pytest.raises(ValidationError):
        Policy(entities={"UK01": {"ratable": "weekly"}}).of("UK01")


def test_a_wrong_cell_is_named_with_its_case_period_and_column() -> None:
    part = read(CASES / "OD-02_amendment_of_one_obligation.txt").parts[0]
    part.named("expected")[0].rows[1]["R cum"] = "184,000.01"
    part.named("decisions")[0].rows[0]["effect"] = "1"
    cell, missing, extra = differences(part, recomputed(part))
    assert cell == "case, 2026-04 , R cum: expected 184,000.01, found 184000.0000"
    assert missing.startswith("case, decisions: expected ('2', 'build', 'catch_up', '1', '2026-04')")
    assert extra.startswith("case, decisions: not expected")


def test_an_override_nobody_can_follow_is_reported() -> None:
    part = read(CASES / "OD-02_amendment_of_one_obligation.txt").parts[0]
    override = Override("A1", "primary", 2, "build", "ignore", date(2026, 4, 30), "2026-04", "A. Reviewer", "Because")
    found = recompute(read_events(evidence(part)), Policy(), through="2026-04", decisions=[override])
    assert [problem.code for problem in found.problems] == ["unknown_treatment"]
    assert found.recognition[-1].cumulative_amount == Decimal(184_000)


def test_an_override_in_the_month_of_the_amendment_counts_at_once() -> None:
    part = read(CASES / "OD-02_amendment_of_one_obligation.txt").parts[0]
    override = Override(
        "A1", "primary", 2, None, "prospective", date(2026, 4, 30), "2026-04", "A. Reviewer", "Distinct"
    )
    found = recompute(read_events(evidence(part)), Policy(), through="2026-04", decisions=[override])
    assert found.recognition[-1].cumulative_amount == Decimal(200_000)
    assert [(row.treatment, row.decided_by, row.overrides) for row in found.decisions[1:]] == [
        ("prospective", "A. Reviewer", "catch_up")
    ]


@pytest.mark.parametrize("taken", [("prospective", "catch_up"), ("catch_up", "prospective")])
def test_of_two_overrides_in_one_month_the_later_counts(taken: tuple[str, str]) -> None:
    part = read(CASES / "OD-02_amendment_of_one_obligation.txt").parts[0]
    overrides = [
        Override("A1", "primary", 2, "build", treatment, date(2026, 4, 30), "2026-04", "A. Reviewer", "Reviewed")
        for treatment in taken
    ]
    found = recompute(read_events(evidence(part)), Policy(), through="2026-04", decisions=overrides)
    assert found.recognition[-1].cumulative_amount == {"catch_up": 184_000, "prospective": 200_000}[taken[1]]


def test_a_row_says_by_which_rule_policy_and_evidence_it_came() -> None:
    found = recomputed(read(CASES / "S03a_not_distinct.txt").parts[0])
    last = found.recognition[-1]
    assert last.rule == "ASC 606-10-55-20 / IFRS 15.B18: input measure by hours"
    assert last.policy == "primary: us_gaap, ssp=stated; completion=evidence"
    assert json.loads(last.evidence) == {"signed": 2, "worked": 3}


def test_each_book_follows_its_own_policy() -> None:
    rows = list(evidence(read(CASES / "hour_bank.txt").parts[0]))
    rows += [row | {"book": "ifrs"} for row in rows]
    policies = {"primary": Policy(hour_bank="ratable"), "ifrs": Policy(name="ifrs", hour_bank="usage")}
    found = recompute(read_events(rows), policies, through="2026-01")
    assert {row.book: row.method for row in found.recognition} == {"primary": "hour_bank", "ifrs": "hour_bank_usage"}
    assert {row.policy.split(":")[0] for row in found.recognition} == {"primary", "ifrs"}
