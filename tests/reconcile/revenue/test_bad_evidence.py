"""Bad evidence is a problem that says what to do: never a wrong number, never a crash."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reconcile.revenue import Policy, Recomputed, read_events, recompute

GOOD: dict[str, Any] = {
    "agreement_id": "A1",
    "book": "primary",
    "legal_entity_id": "US01",
    "customer_id": "C1",
    "currency": "USD",
    "kind": "signed",
    "happened_on": "2026-01-01",
    "period": "2026-01",
    "version_no": 1,
    "obligation_key": "build",
    "amount": "100000",
    "quantity": "1000",
    "unit": "hours",
    "attributes": '{"method": "hours"}',
    "connection": "salesforce",
    "object": "OrderItem",
    "source_id": "802x",
    "row_id": "7",
}
WORKED = GOOD | {
    "kind": "worked", "version_no": None, "amount": None, "quantity": "500", "attributes": "{}", "row_id": "8",
    "happened_on": "2026-01-31",
}  # fmt: skip


def found(*rows: dict[str, Any], through: str = "2026-03", policy: Policy | None = None) -> Recomputed:
    return recompute(read_events(rows), policy or Policy(), through=through)


def codes(result: Recomputed) -> set[str]:
    return {problem.code for problem in result.problems}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"attributes": '{"method": "magic"}'}, "unknown_method"),
        ({"attributes": '{"method": "hours", "has_financing": true}'}, "out_of_scope"),
        ({"attributes": '{"method": "hours", "has_material_right": "true"}'}, "out_of_scope"),
        ({"attributes": '{"method": "ratable"}'}, "no_term"),
        (
            {"attributes": '{"method": "ratable", "start_on": "2026-05-01", "end_on": "2026-04-01"}'},
            "runs_backward",
        ),
        ({"amount": "-5"}, "negative_price"),
        ({"quantity": "-5"}, "negative_plan"),
        ({"attributes": '{"method": "hours", "band": "soon"}'}, "unknown_band"),
        ({"amount": "1.00001"}, "unreadable_evidence"),
        ({"amount": 1.5}, "unreadable_evidence"),
        ({"amount": "Infinity"}, "unreadable_evidence"),
        ({"amount": "1e99"}, "unreadable_evidence"),
        ({"attributes": '{"method": "hours", "ssp": NaN}'}, "unreadable_evidence"),
        ({"attributes": "{not json"}, "unreadable_evidence"),
        ({"attributes": "[1, 2]"}, "unreadable_evidence"),
        ({"attributes": '{"method": "hours", "cap": "lots"}'}, "unreadable_evidence"),
        ({"happened_on": "yesterday"}, "unreadable_evidence"),
        ({"kind": "wished"}, "unreadable_evidence"),
        ({"attributes": '{"method": "hours", "problem": "overlapping_rates"}'}, "overlapping_rates"),
    ],
)
def test_a_line_that_cannot_be_used_earns_nothing_and_says_why(change: dict[str, Any], code: str) -> None:
    result = found(GOOD | change, WORKED)
    assert code in codes(result)
    assert not result.recognition
    assert all(problem.message and problem.then and problem.at_fault for problem in result.problems)


def test_an_agreement_whose_price_cannot_be_split_waits_for_the_missing_ssp() -> None:
    other = GOOD | {"obligation_key": "run", "attributes": '{"method": "milestone", "ssp": "500"}'}
    result = found(GOOD, other, WORKED, policy=Policy(ssp="list"))
    assert [(p.code, p.obligation_key) for p in result.problems] == [("no_ssp", "build")]
    assert {row.status for row in result.obligations} == {"suspended"}
    assert not result.recognition
    assert not result.positions


def test_what_was_right_before_the_bad_evidence_stays() -> None:
    bad = GOOD | {"kind": "estimate", "version_no": None, "amount": None, "quantity": "-1", "period": "2026-02"}
    result = found(GOOD, WORKED, bad)
    assert codes(result) == {"negative_estimate"}
    assert [(row.period, row.cumulative_amount) for row in result.recognition] == [("2026-01", Decimal(50000))]
    assert [row.period for row in result.positions] == ["2026-01"]


def test_the_other_agreements_are_computed() -> None:
    result = found(GOOD | {"attributes": "{"}, GOOD | {"agreement_id": "A2"}, WORKED | {"agreement_id": "A2"})
    assert {row.agreement_id for row in result.recognition} == {"A2"}
    assert {row.agreement_id for row in result.problems} == {"A1"}


def test_progress_over_100_stops_at_the_price_and_is_reported() -> None:
    result = found(GOOD, WORKED | {"quantity": "1200"}, through="2026-01")
    assert result.recognition[0].cumulative_amount == Decimal(100000)
    assert "1200 done of 1000" in result.problems[0].message


def test_a_service_that_ended_without_work_earns_nothing_and_is_reported() -> None:
    result = found(GOOD | {"attributes": {"method": "hours", "end_on": "2026-01-31"}}, through="2026-02")
    assert codes(result) == {"ended_without_work"}
    assert {row.cumulative_amount for row in result.recognition} <= {Decimal(0)}


def test_work_without_a_plan_waits_for_one() -> None:
    unplanned = GOOD | {"quantity": None}
    plan = GOOD | {"kind": "estimate", "version_no": None, "amount": None, "quantity": "1000", "period": "2026-02"}
    result = found(unplanned, WORKED, plan, through="2026-02")
    assert codes(result) == {"no_plan"}
    assert [(row.period, row.cumulative_amount) for row in result.recognition] == [("2026-02", Decimal(50000))]


def test_an_amendment_before_its_agreement_waits_for_it() -> None:
    early = GOOD | {"version_no": 2, "amount": "20000", "quantity": "250", "row_id": "9"}
    alone = found(early, WORKED, through="2026-02")
    assert "amendment_before_agreement" in codes(alone)
    assert not alone.recognition
    late = GOOD | {"period": "2026-02"}
    both = found(early, WORKED, late, through="2026-02")
    assert [(row.period, row.cumulative_amount) for row in both.recognition] == [("2026-02", Decimal(48000))]


def test_a_version_of_a_line_counts_once() -> None:
    result = found(GOOD, GOOD | {"row_id": "99", "period": "2026-02"}, WORKED)
    assert codes(result) == {"signed_twice"}
    assert [row.period for row in result.recognition] == ["2026-01"]


def test_an_invoice_in_another_currency_is_not_added() -> None:
    invoice = GOOD | {"kind": "invoiced", "version_no": None, "currency": "EUR", "attributes": "{}"}
    assert codes(found(GOOD, invoice)) == {"currency_differs"}


def test_two_rates_of_one_day_are_a_problem() -> None:
    rate = GOOD | {"kind": "rate", "version_no": None, "amount": None, "obligation_key": None, "attributes": "{}"}
    assert codes(found(GOOD, rate | {"quantity": "1.1"}, rate | {"quantity": "1.2"})) == {"overlapping_rates"}
    assert not codes(found(GOOD, rate | {"quantity": "1.1"}, rate | {"quantity": "1.1", "row_id": "70"}))


def test_an_amendment_that_takes_back_more_than_the_price_is_refused() -> None:
    less = GOOD | {"version_no": 2, "amount": "-100001", "quantity": "0", "period": "2026-02"}
    result = found(GOOD, WORKED, less)
    assert codes(result) == {"negative_price"}
    assert [row.period for row in result.recognition] == ["2026-01"]


@pytest.mark.parametrize(
    "attributes",
    [
        '{"element": "bonus", "outcomes": [["100", "0.5"], ["50", "0.4"]]}',
        '{"element": "bonus", "outcomes": [["100"]]}',
        '{"element": "bonus", "outcomes": 7}',
        '{"element": "bonus", "targets": 7}',
        '{"element": "bonus", "confidence": "maybe"}',
        "{}",
    ],
)
def test_an_estimate_that_makes_no_sense_suspends(attributes: str) -> None:
    row = GOOD | {"kind": "variable", "version_no": None, "amount": "100", "attributes": attributes}
    assert codes(found(GOOD, row)) == {"unusable_estimate"}


def test_a_variable_amount_nobody_carries_is_a_problem() -> None:
    row = GOOD | {"kind": "variable", "version_no": None, "obligation_key": None, "attributes": '{"element": "bonus"}'}
    assert codes(found(GOOD | {"attributes": '{"method": "as_charged"}'}, row)) == {"no_target"}


def test_a_penalty_on_charged_work_needs_the_work_that_is_agreed() -> None:
    row = GOOD | {"kind": "variable", "version_no": None, "obligation_key": None, "amount": "-5000"}
    open_end = GOOD | {"attributes": '{"method": "as_charged"}', "amount": "0"}
    result = found(open_end, row | {"attributes": '{"element": "late"}'})
    (problem,) = result.problems
    assert problem.amount == Decimal(-5000)
    assert "no part of the variable amount 'late' (-5000.00) belongs to what was done" in problem.message
    assert "the estimate or the cap" in problem.then


def test_work_nobody_signed_is_at_risk_and_not_revenue() -> None:
    result = found(GOOD, WORKED | {"obligation_key": "extra"})
    assert codes(result) == {"nothing_signed"}
    assert {row.cumulative_amount for row in result.recognition} == {Decimal(0)}


def test_an_agreement_of_which_nothing_can_be_read_shows_its_problem() -> None:
    result = found(GOOD | {"period": None, "happened_on": date(2026, 1, 1)})
    assert codes(result) == {"unreadable_evidence"}
    assert not result.obligations
