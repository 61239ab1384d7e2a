"""Agreements that end early, through the whole pipeline: the CRM's record goes in, balances and backlog come out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.project import Project
from tests.tieout.exports import day
from tests.tieout.june import rows

pytestmark = pytest.mark.long


def months(june: Project, number: str, *columns: str) -> dict[str, tuple[Decimal, ...]]:
    """Columns of the positions of an agreement, per month."""
    found = rows(
        june,
        f"""
        select positions.period, {", ".join(columns)} from revenue.positions as positions
        inner join marts.agreement using (agreement_id)
        where agreement_number = '{number}' and book = 'primary' order by 1
        """,
    )
    return {period: tuple(Decimal(value).quantize(Decimal("0.01")) for value in values) for period, *values in found}


def money(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount.replace(",", "")).quantize(Decimal("0.01")) for amount in amounts)


def backlog(june: Project, number: str, period: str) -> dict[str, Decimal]:
    """What moved the backlog of an agreement in a month, by cause."""
    found = rows(
        june,
        f"""
        select cause, amount from revenue.movements inner join marts.agreement using (agreement_id)
        where agreement_number = '{number}' and period = '{period}' and roll_forward = 'backlog'
          and book = 'primary'
        """,
    )
    return dict(found)


def test_a_fixed_fee_ends_at_what_was_earned_and_the_fee_that_is_due(june: Project) -> None:
    found = months(
        june, "FIXED", "recognised", "transaction_price", "contract_liability", "refund_liability", "rpo", "backlog"
    )
    assert found["2026-02"] == money("120,000", "300,000", "30,000", "0", "180,000", "180,000")
    assert found["2026-03"] == money("140,000", "140,000", "0", "10,000", "0", "0")
    assert found["2026-06"] == found["2026-03"]


def test_the_waterfall_cancels_what_a_fixed_fee_had_left(june: Project) -> None:
    assert backlog(june, "FIXED", "2026-03") == {
        "opening": Decimal(180_000),
        "cancellation": Decimal(-160_000),
        "revenue": Decimal(-20_000),
    }


def test_work_by_the_hour_counts_until_the_last_day(june: Project) -> None:
    found = months(june, "HOURS", "recognised", "transaction_price", "unbilled_receivable", "rpo_exempt", "backlog")
    assert found["2026-01"] == money("20,000", "100,000", "20,000", "80,000", "80,000")
    assert found["2026-02"] == money("60,000", "60,000", "60,000", "0", "0")
    said = "select period, code, amount from revenue.problems where obligation_key = 'HOURS/1' and book = 'primary'"
    assert rows(june, said) == [("2026-02", "delivered_after_end", Decimal(20_000))]


def test_the_waterfall_cancels_the_estimate_that_is_not_needed(june: Project) -> None:
    assert backlog(june, "HOURS", "2026-02") == {
        "opening": Decimal(80_000),
        "cancellation": Decimal(-40_000),
        "revenue": Decimal(-40_000),
    }


def test_what_was_billed_in_advance_is_owed_back_unless_it_is_due(june: Project) -> None:
    columns = "recognised", "contract_liability", "refund_liability", "backlog"
    assert months(june, "REFUND", *columns)["2026-02"] == money("20,000", "100,000", "0", "100,000")
    assert months(june, "REFUND", *columns)["2026-03"] == money("30,000", "0", "90,000", "0")
    assert months(june, "KEPT", *columns)["2026-03"] == money("120,000", "0", "0", "0")


def test_tasks_that_are_closed_with_the_project_are_no_evidence_of_work(june: Project) -> None:
    assert months(june, "TIDIED", "recognised", "backlog")["2026-03"] == money("120,000", "0")
    assert months(june, "COMPLETE", "recognised", "backlog")["2026-03"] == money("300,000", "0")


def test_an_end_without_a_day_gives_no_figures_and_says_what_to_do(june: Project) -> None:
    assert max(months(june, "DAYLESS", "recognised")) == "2026-03"
    said = """
        select period, code, message, advice, at_fault from revenue.problems
        inner join marts.agreement using (agreement_id) where agreement_number = 'DAYLESS' and book = 'primary'
        """
    [(period, code, message, advice, at_fault)] = rows(june, said)
    assert (period, code, at_fault) == ("2026-04", "termination_day_missing", "salesforce")
    assert "no day is known" in message
    assert "Enter the last day of service in salesforce (termination_date" in advice


def test_the_day_of_an_end_is_not_asked_for_when_nothing_was_left(june: Project) -> None:
    assert months(june, "DELIVERED", "recognised", "backlog")["2026-06"] == money("300,000", "0")
    said = """
        select count(*) from revenue.problems
        inner join marts.agreement using (agreement_id) where agreement_number = 'DELIVERED' and book = 'primary'
        """
    assert rows(june, said) == [(0,)]


def test_notice_that_was_given_ends_nothing_before_its_day(june: Project) -> None:
    assert months(june, "NOTICE", "transaction_price", "backlog")["2026-06"] == money("300,000", "180,000")


def test_closed_months_stay_when_an_end_is_known_late(june: Project) -> None:
    """They are those of an agreement that goes on."""
    columns = "recognised", "billed", "transaction_price", "contract_liability", "refund_liability", "rpo", "backlog"
    late, goes_on = months(june, "FOUND-LATE", *columns), months(june, "GOES-ON", *columns)
    closed = [period for period in goes_on if period < "2026-05"]
    assert closed[-1] == "2026-04"
    assert [late[period] for period in closed] == [goes_on[period] for period in closed]
    assert late["2026-05"] != goes_on["2026-05"]


def test_an_end_known_late_takes_back_what_was_recognised_since(june: Project) -> None:
    found = months(june, "FOUND-LATE", "recognised", "transaction_price", "contract_liability", "refund_liability")
    assert found["2026-04"] == money("40,000", "120,000", "80,000", "0")
    assert found["2026-05"] == money("30,000", "30,000", "0", "90,000")
    assert backlog(june, "FOUND-LATE", "2026-05") == {
        "opening": Decimal(80_000),
        "cancellation": Decimal(-90_000),
        "revenue": Decimal(10_000),
    }
    caught_up = """
        select period_amount, catch_up_amount, prior_period_amount from revenue.recognition
        where obligation_key = 'FOUND-LATE/1' and period = '2026-05' and book = 'primary'
        """
    assert rows(june, caught_up) == [(Decimal(-10_000),) * 3]


def test_the_record_of_the_crm_is_the_evidence(june: Project) -> None:
    evidence = """
        select evidence.happened_on, evidence.period, evidence.amount, evidence.object, evidence.source_id
        from revenue.evidence inner join marts.agreement using (agreement_id)
        where kind = 'terminated' and agreement_number in ('FIXED', 'FOUND-LATE') and book = 'primary' order by 1
        """
    assert rows(june, evidence) == [
        (day("2026-03-20"), "2026-03", Decimal(20_000), "Contract", "800000000000032AAA"),
        (day("2026-03-31"), "2026-05", None, "Contract", "800000000000041AAA"),
    ]
    decided = """
        select treatment, decided_on, effect_amount, rule from revenue.decisions
        inner join marts.agreement using (agreement_id)
        where agreement_number = 'FIXED' and treatment <> 'original' and book = 'primary'
        """
    assert rows(june, decided) == [
        ("termination", day("2026-03-20"), Decimal(20_000), "ASC 606-10-25-3, 25-10 / IFRS 15.11, 18")
    ]


def test_the_canonical_agreement_says_that_it_ended_and_when(june: Project) -> None:
    ended = """
        select agreement_number, state, is_terminated, terminated_on from marts.agreement
        where agreement_number in ('FIXED', 'DAYLESS', 'NOTICE') order by 1
        """
    assert rows(june, ended) == [
        ("DAYLESS", "ended", True, None),
        ("FIXED", "ended", True, day("2026-03-20")),
        ("NOTICE", "ended", True, day("2026-07-31")),
    ]


def test_finance_that_goes_on_recognising_is_a_break_and_finance_that_stopped_is_none(june: Project) -> None:
    found = """
        select agreement_number, check_id, variance, currency from recon.breaks
        where agreement_number in ('STILL', 'HANDLED') and check_id in ('K09', 'K42', 'K43', 'K48', 'K50', 'K69')
        """
    assert rows(june, found) == [("STILL", "K50", Decimal(30_000), "USD")]
