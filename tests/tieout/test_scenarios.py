"""Deals from signature to revenue, through the whole pipeline: exports go in, balances come out, month by month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from app import pipeline, warehouse
from app.project import Project
from tests.tieout.causes import UNCARRIED, UNSUMMED
from tests.tieout.exports import Deal, Line, write

START, END = dt.date(2026, 1, 1), dt.date(2027, 12, 31)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


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


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One firm with all the deals, landed and built; its ledger keeps one of its two books."""
    folder = tmp_path_factory.mktemp("deals") / "firm"
    books = "books:\n  primary: {ratable: month}\n  group: {standard: ifrs, ratable: day}\n"
    found = Project.load(write(folder, [mixed(), *amended(), *others()], as_of=day("2027-05-06"), books=books))
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
        ("CATCH-UP", "catch_up", Decimal(-16_000)),
        ("PROSPECTIVE", "prospective", Decimal(0)),
        ("SEPARATE", "separate", Decimal(0)),
        ("UNSIGNED", "unsigned", Decimal(0)),
    ]


def test_a_milestone_billed_before_its_acceptance_waits_as_a_liability(project: Project) -> None:
    found = months(project, "EARLY", "billed", "recognised", "contract_liability")
    assert found["2026-03"] == money("90,000", "0", "90,000")
    assert found["2026-04"] == money("90,000", "90,000", "0")


def test_a_rate_that_only_delivery_knows_earns_nothing_more(project: Project) -> None:
    assert months(project, "RATE", "recognised")["2026-05"] == money("62,400")


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


def test_the_identities_of_all_deals_hold(project: Project) -> None:
    assert rows(project, "select * from revenue.identity_residuals where of_what = 'recomputed'") == []


@pytest.mark.parametrize("wrong", [UNSUMMED, UNCARRIED])
def test_what_is_between_plan_delivery_billing_and_revenue_adds_up(project: Project, wrong: str) -> None:
    assert rows(project, "select count(distinct difference) from revenue.differences") == [(4,)]
    assert rows(project, wrong) == []
