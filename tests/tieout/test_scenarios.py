"""Deals from signature to revenue, through the whole pipeline: exports go in, balances come out, month by month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from app import pipeline, warehouse
from app.project import Project
from tests.tieout.causes import UNCARRIED, UNSUMMED
from tests.tieout.exports import Deal, Line, day, write

pytestmark = pytest.mark.long

START, END = dt.date(2026, 1, 1), dt.date(2027, 12, 31)


def mixed() -> Deal:
    """A fixed-fee implementation, advisory by the hour, support for a year; signed as one."""
    support = day("2026-05-01"), day("2027-04-30")
    deal = Deal("MIXED", day("2026-01-02"), day("2027-04-30"), rate=250)
    deal.sign(
        1,
        day("2026-01-02"),
        Line(1, "Fixed Fee", 270_000, day("2026-01-02"), day("2026-04-30"), hours=2_000, ssp=300_000),
        Line(2, "T&M", 100_000, day("2026-01-02"), day("2026-05-15"), hours=400),
        Line(3, "Managed Service", 48_000, *support, ssp=60_000),
    )
    for month, hours in (("2026-01", 400), ("2026-02", 500), ("2026-03", 500), ("2026-04", 600)):
        deal.work(1, month, hours)
    for month, hours in (("2026-02", 80), ("2026-03", 120), ("2026-04", 100)):
        deal.work(2, month, hours)
    for date, amount in (("2026-01-05", 81_000), ("2026-03-20", 108_000), ("2026-04-30", 81_000)):
        deal.invoice(1, day(date), amount)
    for date, amount in (("2026-03-05", 20_000), ("2026-04-05", 30_000), ("2026-05-05", 25_000)):
        deal.invoice(2, day(date), amount)
    return deal.invoice(3, day("2026-05-01"), 48_000)


def half_done(number: str) -> Deal:
    """Half of a fixed fee of 400,000 and 3,200 hours is delivered."""
    deal = Deal(number, START, END).sign(1, START, Line(1, "Fixed Fee", 400_000, START, END, hours=3_200))
    return deal.work(1, "2026-01", 800).work(1, "2026-02", 800)


def amended() -> list[Deal]:
    """More of the same; a lower price for what remains; something else at its own price; and one that nobody signed."""
    term, more = (day("2025-06-01"), day("2027-05-31")), Line(1, "Fixed Fee", 60_000, START, END, hours=800)
    cheaper = Deal("PROSPECTIVE", *term).sign(1, day("2025-05-20"), Line(1, "Managed Service", 240_000, *term))
    training = Line(2, "Milestone", 25_000, day("2026-04-10"), END)
    return [
        half_done("CATCH-UP").sign(2, day("2026-04-10"), more),
        cheaper.sign(2, day("2026-04-01"), Line(1, "Managed Service", -21_000, *term)),
        half_done("SEPARATE").sign(2, day("2026-04-10"), training),
        half_done("UNSIGNED").sign(2, day("2026-04-10"), more, signed=False),
    ]


def others() -> list[Deal]:
    """A milestone billed before acceptance, a rate only delivery knows, and a service the books forgot."""
    early = Deal("EARLY", day("2026-01-05"), day("2026-06-30"))
    early.sign(1, day("2026-01-05"), Line(1, "Milestone", 90_000, day("2026-01-05"), day("2026-06-30")))
    early.accept(1, "Design", day("2026-04-12"), 90_000).invoice(1, day("2026-03-28"), 90_000)
    rate = Deal("RATE", day("2026-03-01"), day("2026-12-31"), rate=195, booked_rate=210)
    rate.sign(1, day("2026-02-20"), Line(1, "T&M", 100_000, day("2026-03-01"), day("2026-12-31"), hours=500))
    term = day("2026-01-01"), day("2026-03-31")
    stale = Deal("STALE", *term).sign(1, day("2025-12-15"), Line(1, "Managed Service", 120_000, *term))
    return [early, rate.work(1, "2026-05", 320), stale.invoice(1, day("2026-01-02"), 120_000)]


def by_the_hour(number: str, rate: int, *, cap: int | None = None) -> Deal:
    term = day("2026-01-01"), day("2026-12-31")
    return Deal(number, *term, rate=rate).sign(1, day("2025-12-15"), Line(1, "T&M", 100_000, *term, hours=900, cap=cap))


def agreed_anew() -> list[Deal]:
    """Other terms for work by the hour: a rate that nobody signed, and a higher cap."""
    term = day("2026-01-01"), day("2026-12-31")
    same, more = Line(1, "T&M", 0, *term), Line(1, "T&M", 50_000, *term, cap=200_000)
    draft = by_the_hour("DRAFT-RATE", 195).sign(2, day("2026-05-10"), same, signed=False)
    capped = by_the_hour("CAP", 225, cap=150_000).sign(2, day("2026-04-10"), more)
    for month, hours in (("2026-01", 260), ("2026-02", 280), ("2026-03", 220)):
        capped.work(1, month, hours)
    draft.agree(2, 210, day("2026-05-01")).work(1, "2026-04", 80).work(1, "2026-05", 320)
    past, part = (by_the_hour(number, 195).sign(2, day("2026-06-10"), same) for number in ("PAST-RATE", "PART-RATE"))
    past.agree(2, 210, day("2026-05-01")).work(1, "2026-04", 80).work(1, "2026-05", 320).work(1, "2026-06", 80)
    past.invoice(1, day("2026-05-05"), 15_600).invoice(1, day("2026-05-31"), 35_100)
    part.agree(2, 210, day("2026-05-03")).work(1, "2026-05", 320)  # ten people, four days
    return [draft, capped, past, part]


def in_advance() -> list[Deal]:
    """A year of support from July on, invoiced on 10 June and due on 10 July: one is paid when due, one before."""
    term = day("2026-07-01"), day("2027-06-30")
    line = Line(1, "Managed Service", 120_000, *term)
    due, paid = (Deal(number, *term).sign(1, day("2026-06-01"), line) for number in ("ADVANCE", "PREPAID"))
    due.invoice(1, day("2026-06-10"), 120_000).pay(1, day("2026-07-10"), 120_000)
    return [due, paid.invoice(1, day("2026-06-10"), 120_000).pay(1, day("2026-06-20"), 120_000)]


def late() -> list[Deal]:
    """400 of 1,000 hours are done when the term ends; one task is completed in May, the other one is open."""
    term = day("2026-01-01"), day("2026-03-31")
    deals = [
        Deal(number, *term).sign(1, term[0], Line(1, "Fixed Fee", 300_000, *term, hours=1_000))
        for number in ("LATE", "DONE-LATE")
    ]
    for deal in deals:
        deal.work(1, "2026-02", 400).work(1, "2026-04", 300).invoice(1, day("2026-03-31"), 300_000)
    return [deals[0], deals[1].complete(1, day("2026-05-08"))]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One firm with all the deals, landed and built; its ledger keeps one of its two books."""
    folder = tmp_path_factory.mktemp("deals") / "firm"
    books = "books:\n  primary: {ratable: month}\n  group: {standard: ifrs, ratable: day}\n"
    found = Project.load(
        write(
            folder,
            [mixed(), *amended(), *others(), *agreed_anew(), *in_advance(), *late()],
            as_of=day("2027-05-06"),
            books=books,
        )
    )
    pipeline.land(found)
    pipeline.build(found)
    return found


def rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with warehouse.opened(project) as con:
        return con.execute(query).fetchall()


def months(project: Project, number: str, *columns: str, book: str = "primary") -> dict[str, tuple[Decimal, ...]]:
    """Columns of the positions of an agreement in a book, per month."""
    found = rows(
        project,
        f"""
        select positions.period, {", ".join(columns)} from revenue.positions as positions
        inner join marts.agreement using (agreement_id)
        where agreement_number = '{number}' and positions.book = '{book}' order by 1
        """,
    )
    return {period: tuple(Decimal(value).quantize(Decimal("0.01")) for value in values) for period, *values in found}


def money(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount.replace(",", "")).quantize(Decimal("0.01")) for amount in amounts)


def test_a_mixed_deal_is_billed_and_recognised_month_by_month(project: Project) -> None:
    found = months(
        project, "MIXED", "billed", "recognised", "contract_asset", "unbilled_receivable", "contract_liability", "rpo"
    )
    expected = {
        "2026-01": money("81,000", "53,000", "0", "0", "28,000", "265,000"),
        "2026-02": money("81,000", "139,250", "38,250", "20,000", "0", "198,750"),
        "2026-03": money("209,000", "235,500", "0", "30,000", "3,500", "132,500"),
        "2026-04": money("320,000", "340,000", "0", "25,000", "5,000", "53,000"),
        "2026-05": money("393,000", "344,416.67", "0", "0", "48,583.33", "48,583.33"),
        "2027-04": money("393,000", "393,000", "0", "0", "0", "0"),
    }
    assert {period: found[period] for period in expected} == expected


def test_the_backlog_of_a_mixed_deal_holds_the_estimate_until_the_work_by_the_hour_is_over(project: Project) -> None:
    found = months(project, "MIXED", "backlog", "tm_reestimate")
    assert [found[f"2026-0{month}"][0] for month in range(1, 5)] == [*money("365,000", "278,750", "182,500", "78,000")]
    assert found["2026-05"] == money("48,583.33", "25,000")


def test_a_price_is_split_by_stand_alone_selling_prices(project: Project) -> None:
    shares = """
        select obligation_key, price_amount, method from revenue.allocations
        where obligation_key like 'MIXED%' and book = 'primary' order by 1
        """
    assert rows(project, shares) == [
        ("MIXED/1", Decimal(265_000), "relative_ssp"),
        ("MIXED/2", Decimal(100_000), "targeted_variable"),
        ("MIXED/3", Decimal(53_000), "relative_ssp"),
    ]


def test_more_of_the_same_catches_up_at_once(project: Project) -> None:
    found = months(project, "CATCH-UP", "recognised")
    assert (found["2026-03"], found["2026-04"]) == (money("200,000"), money("184,000"))


def test_a_lower_price_for_what_remains_restates_nothing(project: Project) -> None:
    found = months(project, "PROSPECTIVE", "recognised", "transaction_price")
    assert found["2026-03"] == money("100,000", "240,000")
    assert found["2026-04"] == money("108,500", "219,000")
    assert found["2027-04"] == money("210,500", "219,000")


def test_something_else_at_its_own_price_leaves_the_original_alone(project: Project) -> None:
    assert months(project, "SEPARATE", "recognised", "contract_value")["2026-04"] == money("200,000", "425,000")


def test_an_unsigned_amendment_changes_nothing(project: Project) -> None:
    assert months(project, "UNSIGNED", "recognised", "contract_value")["2026-04"] == money("200,000", "400,000")


def test_every_amendment_says_how_it_is_treated(project: Project) -> None:
    treatments = """
        select agreement_number, treatment, effect_amount from revenue.decisions as decisions
        inner join marts.agreement using (agreement_id)
        where decisions.version_no = 2 and decisions.book = 'primary' order by 1
        """
    assert rows(project, treatments) == [
        ("CAP", "prospective", Decimal(21_000)),
        ("CATCH-UP", "catch_up", Decimal(-16_000)),
        ("DRAFT-RATE", "unsigned", Decimal(0)),
        ("PART-RATE", "catch_up", Decimal(2_400)),
        ("PAST-RATE", "catch_up", Decimal(4_800)),
        ("PROSPECTIVE", "prospective", Decimal(0)),
        ("SEPARATE", "separate", Decimal(0)),
        ("UNSIGNED", "unsigned", Decimal(0)),
    ]


def test_a_milestone_billed_before_its_acceptance_waits_as_a_liability(project: Project) -> None:
    found = months(project, "EARLY", "billed", "recognised", "contract_liability")
    assert found["2026-03"] == money("90,000", "0", "90,000")
    assert found["2026-04"] == money("90,000", "90,000", "0")


def test_an_advance_is_owed_when_it_is_due(project: Project) -> None:
    found = months(project, "ADVANCE", "billed", "receivable", "cash", "contract_liability")
    assert found["2026-06"] == money("0", "0", "0", "0")
    assert found["2026-07"] == money("120,000", "0", "120,000", "110,000")


def test_an_advance_that_is_paid_before_it_is_due_is_a_liability(project: Project) -> None:
    found = months(project, "PREPAID", "billed", "receivable", "contract_liability")
    assert found["2026-06"] == money("120,000", "0", "120,000")


def test_a_rate_that_only_delivery_knows_earns_nothing_more(project: Project) -> None:
    assert months(project, "RATE", "recognised")["2026-05"] == money("62,400")


def test_a_rate_that_nobody_signed_earns_nothing_more(project: Project) -> None:
    found = months(project, "DRAFT-RATE", "recognised")
    assert (found["2026-04"], found["2026-05"]) == (money("15,600"), money("78,000"))


def test_a_rate_signed_for_past_months_counts_when_it_is_signed(project: Project) -> None:
    found = months(project, "PAST-RATE", "recognised", "unbilled_receivable")
    assert found["2026-05"] == money("78,000", "27,300")
    assert found["2026-06"] == money("99,600", "48,900")  # 16,800 of June, 4,800 for May


def test_a_rate_signed_for_part_of_a_past_month_counts_for_that_part(project: Project) -> None:
    found = months(project, "PART-RATE", "recognised")
    assert (found["2026-05"], found["2026-06"]) == (money("62,400"), money("64,800"))


def test_what_a_new_rate_leaves_to_invoice_is_said(project: Project) -> None:
    [(reason, effect)] = rows(
        project,
        """
        select reason, effect_amount from revenue.decisions as decisions
        inner join marts.agreement using (agreement_id)
        where agreement_number = 'PAST-RATE' and decisions.version_no = 2 and decisions.book = 'primary'
        """,
    )
    assert effect == Decimal(4_800)
    assert "2700.00 needs a supplementary invoice and 2100.00 raises unbilled work" in reason


def test_a_higher_cap_counts_from_its_signature_on(project: Project) -> None:
    found = months(project, "CAP", "recognised", "unbilled_receivable")
    assert [found[f"2026-0{month}"][0] for month in range(1, 5)] == [*money("58,500", "121,500", "150,000", "171,000")]
    assert found["2026-04"] == money("171,000", "171,000")


def test_a_service_that_was_delivered_leaves_no_deferred_revenue(project: Project) -> None:
    balances = """
        select recognised_amount, contract_liability_amount, booked_contract_liability_amount
        from revenue.balances inner join marts.agreement using (agreement_id)
        where agreement_number = 'STALE' and period = '2026-03'
        """
    assert rows(project, balances) == [(Decimal(120_000), Decimal(0), Decimal(120_000))]


def test_every_book_earns_by_its_own_policies(project: Project) -> None:
    """53,000 of support from May on: a twelfth of it in one book, 31 of 365 days in the other."""
    support = {book: months(project, "MIXED", "recognised", book=book)["2026-05"] for book in ("primary", "group")}
    assert support == {"primary": money("344,416.67"), "group": money("344,501.37")}


@pytest.mark.parametrize("table", ["line_revenue", "balances", "differences", "explanations", "explanation_records"])
def test_a_book_that_no_ledger_keeps_is_held_against_nothing(project: Project, table: str) -> None:
    assert rows(project, f"select distinct book from revenue.{table}") == [("primary",)]


def test_what_is_booked_is_empty_in_a_book_that_no_ledger_keeps(project: Project) -> None:
    stated = """
        select book, count(*) > 0, count(booked_cumulative_amount) > 0, count(difference_amount) > 0
        from revenue.line_balances group by book order by book
        """
    assert rows(project, stated) == [("group", True, False, False), ("primary", True, True, True)]


def test_a_fixed_fee_is_earned_as_it_is_done_however_late_it_is(project: Project) -> None:
    found = months(project, "LATE", "recognised", "contract_asset", "contract_liability", "rpo")
    assert found["2026-03"] == money("120,000", "0", "180,000", "180,000")
    assert found["2027-05"] == money("210,000", "0", "90,000", "90,000")
    said = rows(
        project,
        """
        select period, code, amount, message from revenue.problems
        where book = 'primary' and obligation_key = 'LATE/1' and code = 'ended_unfinished'
        """,
    )
    [(period, _, amount, message)] = said
    assert (period, amount) == ("2026-04", Decimal(90_000))
    assert "ended on 2026-03-31 at 70 %" in message


def test_a_fixed_fee_is_complete_when_its_tasks_are(project: Project) -> None:
    found = months(project, "DONE-LATE", "recognised", "contract_liability")
    assert found["2026-04"] == money("210,000", "90,000")
    assert found["2026-05"] == money("300,000", "0")


def test_the_identities_of_all_deals_hold(project: Project) -> None:
    assert rows(project, "select * from revenue.identity_residuals where of_what = 'recomputed'") == []


def test_a_rate_agreed_late_leaves_no_month_unexplained(project: Project) -> None:
    causes = """
        select period, cause from revenue.explanations inner join marts.agreement using (agreement_id)
        where agreement_number in ('PAST-RATE', 'PART-RATE')
            and cause in ('modification', 'cap_reached', 'unexplained')
        """
    assert rows(project, causes) == []


@pytest.mark.parametrize("wrong", [UNSUMMED, UNCARRIED])
def test_what_is_between_plan_delivery_billing_and_revenue_adds_up(project: Project, wrong: str) -> None:
    assert rows(project, "select count(distinct difference) from revenue.differences") == [(4,)]
    assert rows(project, wrong) == []
