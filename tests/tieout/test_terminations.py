"""Agreements that end early, through the whole pipeline: the CRM's record goes in, balances and backlog come out."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app import pipeline, warehouse
from app.project import Project
from tests.tieout.causes import UNCARRIED, UNSUMMED
from tests.tieout.exports import Deal, Line, day, write

pytestmark = pytest.mark.long

AS_OF = dt.date(2026, 6, 10)
YEAR = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
BOOKS = "books:\n  primary: {ratable: month}\n"


def fixed_fee(number: str) -> Deal:
    """300,000 for 1,000 hours, of which 400 are done by February; half of it is billed."""
    deal = Deal(number, *YEAR).sign(1, day("2025-12-15"), Line(1, "Fixed Fee", 300_000, *YEAR, hours=1_000))
    return deal.work(1, "2026-01", 200).work(1, "2026-02", 200).invoice(1, day("2026-01-15"), 150_000)


def by_the_hour() -> Deal:
    """An estimate of 100,000; 80 hours in January, 240 on the first three days of February, ended on the second."""
    deal = Deal("HOURS", *YEAR, rate=250).sign(1, day("2025-12-15"), Line(1, "T&M", 100_000, *YEAR, hours=400))
    return deal.work(1, "2026-01", 80).work(1, "2026-02", 240).terminate(day("2026-02-02"))


def support(number: str, *, price: int = 120_000) -> Deal:
    """A service of a year, billed in advance."""
    deal = Deal(number, *YEAR).sign(1, day("2025-12-15"), Line(1, "Managed Service", price, *YEAR))
    return deal.invoice(1, day("2026-01-05"), price)


def booked(deal: Deal, *months: str) -> Deal:
    """10,000 a month in the books."""
    for month in months:
        deal.recognise(1, month, 10_000)
    return deal


def deals(*, is_late_known: bool) -> list[Deal]:
    """Every way an agreement ends early; one of them is known two months later."""
    late = support("LATE")
    return [
        fixed_fee("FIXED").terminate(day("2026-03-20"), fee=20_000),
        by_the_hour(),
        support("REFUND").terminate(day("2026-03-31")),
        support("KEPT").terminate(day("2026-03-31"), fee=90_000),
        fixed_fee("TIDIED").complete(1, day("2026-03-31")).terminate(day("2026-03-31")),
        fixed_fee("COMPLETE").complete(1, day("2026-03-10")).terminate(day("2026-03-31")),
        fixed_fee("DAYLESS").terminate(None, recorded=day("2026-04-10")),
        fixed_fee("DELIVERED").work(1, "2026-03", 600).terminate(None, recorded=day("2026-04-10")),
        fixed_fee("NOTICE").terminate(day("2026-07-31"), recorded=day("2026-05-04")),
        late.terminate(day("2026-03-31"), recorded=day("2026-05-20")) if is_late_known else late,
        support("GOES-ON"),
        booked(support("STILL").terminate(day("2026-02-28")), *(f"2026-0{month}" for month in range(1, 6))),
        booked(support("HANDLED").terminate(day("2026-02-28")), "2026-01", "2026-02"),
    ]


def rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with warehouse.opened(project) as con:
        return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The firm, landed before and after one of the ends was entered, then run to the end."""
    folder = tmp_path_factory.mktemp("ended")
    made = Project.load(write(folder / "firm", deals(is_late_known=False), as_of=AS_OF, books=BOOKS))
    pipeline.land(made)
    later = write(folder / "later", deals(is_late_known=True), as_of=AS_OF, books=BOOKS)
    contracts = Path("exports", "salesforce", "Contract.csv")
    shutil.copy(later / contracts, folder / "firm" / contracts)
    pipeline.run(made)
    return made


def months(project: Project, number: str, *columns: str) -> dict[str, tuple[Decimal, ...]]:
    """Columns of the positions of an agreement, per month."""
    found = rows(
        project,
        f"""
        select positions.period, {", ".join(columns)} from revenue.positions as positions
        inner join marts.agreement using (agreement_id) where agreement_number = '{number}' order by 1
        """,
    )
    return {period: tuple(Decimal(value).quantize(Decimal("0.01")) for value in values) for period, *values in found}


def money(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount.replace(",", "")).quantize(Decimal("0.01")) for amount in amounts)


def backlog(project: Project, number: str, period: str) -> dict[str, Decimal]:
    """What moved the backlog of an agreement in a month, by cause."""
    found = rows(
        project,
        f"""
        select cause, amount from revenue.movements inner join marts.agreement using (agreement_id)
        where agreement_number = '{number}' and period = '{period}' and roll_forward = 'backlog'
        """,
    )
    return dict(found)


def test_a_fixed_fee_ends_at_what_was_earned_and_the_fee_that_is_due(project: Project) -> None:
    found = months(
        project, "FIXED", "recognised", "transaction_price", "contract_liability", "refund_liability", "rpo", "backlog"
    )
    assert found["2026-02"] == money("120,000", "300,000", "30,000", "0", "180,000", "180,000")
    assert found["2026-03"] == money("140,000", "140,000", "0", "10,000", "0", "0")
    assert found["2026-06"] == found["2026-03"]


def test_the_waterfall_cancels_what_a_fixed_fee_had_left(project: Project) -> None:
    assert backlog(project, "FIXED", "2026-03") == {
        "opening": Decimal(180_000),
        "cancellation": Decimal(-160_000),
        "revenue": Decimal(-20_000),
    }


def test_work_by_the_hour_counts_until_the_last_day(project: Project) -> None:
    found = months(project, "HOURS", "recognised", "transaction_price", "unbilled_receivable", "rpo_exempt", "backlog")
    assert found["2026-01"] == money("20,000", "100,000", "20,000", "80,000", "80,000")
    assert found["2026-02"] == money("60,000", "60,000", "60,000", "0", "0")
    said = "select period, code, amount from revenue.problems where obligation_key = 'HOURS/1'"
    assert rows(project, said) == [("2026-02", "delivered_after_end", Decimal(20_000))]


def test_the_waterfall_cancels_the_estimate_that_is_not_needed(project: Project) -> None:
    assert backlog(project, "HOURS", "2026-02") == {
        "opening": Decimal(80_000),
        "cancellation": Decimal(-40_000),
        "revenue": Decimal(-40_000),
    }


def test_what_was_billed_in_advance_is_owed_back_unless_it_is_due(project: Project) -> None:
    columns = "recognised", "contract_liability", "refund_liability", "backlog"
    assert months(project, "REFUND", *columns)["2026-02"] == money("20,000", "100,000", "0", "100,000")
    assert months(project, "REFUND", *columns)["2026-03"] == money("30,000", "0", "90,000", "0")
    assert months(project, "KEPT", *columns)["2026-03"] == money("120,000", "0", "0", "0")


def test_tasks_that_are_closed_with_the_project_are_no_evidence_of_work(project: Project) -> None:
    assert months(project, "TIDIED", "recognised", "backlog")["2026-03"] == money("120,000", "0")
    assert months(project, "COMPLETE", "recognised", "backlog")["2026-03"] == money("300,000", "0")


def test_an_end_without_a_day_gives_no_figures_and_says_what_to_do(project: Project) -> None:
    assert max(months(project, "DAYLESS", "recognised")) == "2026-03"
    said = """
        select period, code, message, advice, at_fault from revenue.problems
        inner join marts.agreement using (agreement_id) where agreement_number = 'DAYLESS'
        """
    [(period, code, message, advice, at_fault)] = rows(project, said)
    assert (period, code, at_fault) == ("2026-04", "termination_day_missing", "salesforce")
    assert "no day is known" in message
    assert "Enter the last day of service in salesforce (termination_date" in advice


def test_the_day_of_an_end_is_not_asked_for_when_nothing_was_left(project: Project) -> None:
    assert months(project, "DELIVERED", "recognised", "backlog")["2026-06"] == money("300,000", "0")
    said = """
        select count(*) from revenue.problems
        inner join marts.agreement using (agreement_id) where agreement_number = 'DELIVERED'
        """
    assert rows(project, said) == [(0,)]


def test_notice_that_was_given_ends_nothing_before_its_day(project: Project) -> None:
    assert months(project, "NOTICE", "transaction_price", "backlog")["2026-06"] == money("300,000", "180,000")


def test_closed_months_stay_when_an_end_is_known_late(project: Project) -> None:
    """They are those of an agreement that goes on."""
    columns = "recognised", "billed", "transaction_price", "contract_liability", "refund_liability", "rpo", "backlog"
    late, goes_on = months(project, "LATE", *columns), months(project, "GOES-ON", *columns)
    closed = [period for period in goes_on if period < "2026-05"]
    assert closed[-1] == "2026-04"
    assert [late[period] for period in closed] == [goes_on[period] for period in closed]
    assert late["2026-05"] != goes_on["2026-05"]


def test_an_end_known_late_takes_back_what_was_recognised_since(project: Project) -> None:
    found = months(project, "LATE", "recognised", "transaction_price", "contract_liability", "refund_liability")
    assert found["2026-04"] == money("40,000", "120,000", "80,000", "0")
    assert found["2026-05"] == money("30,000", "30,000", "0", "90,000")
    assert backlog(project, "LATE", "2026-05") == {
        "opening": Decimal(80_000),
        "cancellation": Decimal(-90_000),
        "revenue": Decimal(10_000),
    }
    caught_up = """
        select period_amount, catch_up_amount, prior_period_amount from revenue.recognition
        where obligation_key = 'LATE/1' and period = '2026-05'
        """
    assert rows(project, caught_up) == [(Decimal(-10_000),) * 3]


def test_the_record_of_the_crm_is_the_evidence(project: Project) -> None:
    evidence = """
        select evidence.happened_on, evidence.period, evidence.amount, evidence.object, evidence.source_id
        from revenue.evidence inner join marts.agreement using (agreement_id)
        where kind = 'terminated' and agreement_number in ('FIXED', 'LATE') order by 1
        """
    assert rows(project, evidence) == [
        (day("2026-03-20"), "2026-03", Decimal(20_000), "Contract", "800000000000001AAA"),
        (day("2026-03-31"), "2026-05", None, "Contract", "800000000000010AAA"),
    ]
    decided = """
        select treatment, decided_on, effect_amount, rule from revenue.decisions
        inner join marts.agreement using (agreement_id)
        where agreement_number = 'FIXED' and treatment <> 'original'
        """
    assert rows(project, decided) == [
        ("termination", day("2026-03-20"), Decimal(20_000), "ASC 606-10-25-3, 25-10 / IFRS 15.11, 18")
    ]


def test_the_canonical_agreement_says_that_it_ended_and_when(project: Project) -> None:
    ended = """
        select agreement_number, state, is_terminated, terminated_on from marts.agreement
        where agreement_number in ('FIXED', 'DAYLESS', 'NOTICE') order by 1
        """
    assert rows(project, ended) == [
        ("DAYLESS", "ended", True, None),
        ("FIXED", "ended", True, day("2026-03-20")),
        ("NOTICE", "ended", True, day("2026-07-31")),
    ]


def test_finance_that_goes_on_recognising_is_a_break_and_finance_that_stopped_is_none(project: Project) -> None:
    found = """
        select agreement_number, check_id, variance, currency from recon.breaks
        where agreement_number in ('STILL', 'HANDLED') and check_id in ('K09', 'K42', 'K43', 'K48', 'K50', 'K69')
        """
    assert rows(project, found) == [("STILL", "K50", Decimal(30_000), "USD")]


def test_the_identities_of_all_ended_deals_hold(project: Project) -> None:
    assert rows(project, "select * from revenue.identity_residuals where of_what = 'recomputed'") == []


@pytest.mark.parametrize("wrong", [UNSUMMED, UNCARRIED])
def test_what_is_between_plan_delivery_billing_and_revenue_adds_up(project: Project, wrong: str) -> None:
    assert rows(project, wrong) == []


def test_no_end_leaves_a_month_unexplained(project: Project) -> None:
    unexplained = "select agreement_id, period, amount from revenue.explanations where cause = 'unexplained'"
    assert rows(project, unexplained) == []
