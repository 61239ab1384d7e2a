"""What the revenue register says of documents and lines that exports state, through the whole pipeline."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.project import Project
from tests.tieout.june import rows

pytestmark = pytest.mark.long


def positions(june: Project, agreement: str) -> list[tuple[Any, ...]]:
    """Billed, receivable, contract asset and liability at the end of each month up to May."""
    return rows(
        june,
        f"""
        select period, billed, receivable, contract_asset, contract_liability
        from revenue.positions inner join marts.agreement using (agreement_id)
        where agreement_number = '{agreement}' and book = 'primary' and period between '2026-01' and '2026-05'
        order by period
        """,
    )


def month(period: str, *amounts: int) -> tuple[Any, ...]:
    return period, *map(Decimal, amounts)


def test_nobody_owes_an_invoice_that_can_be_cancelled_before_it_is_paid(june: Project) -> None:
    assert positions(june, "ADVANCE") == [
        month("2026-01", 0, 0, 0, 0),
        month("2026-02", 0, 0, 0, 0),
        month("2026-03", 0, 0, 0, 0),
        month("2026-04", 20_000, 0, 0, 20_000),
        month("2026-05", 120_000, 100_000, 0, 120_000),
    ], "the right to cancel ends in May"


def test_closed_months_keep_a_receivable_that_turns_out_to_be_none(june: Project) -> None:
    assert positions(june, "FOUND") == [
        month("2026-01", 0, 0, 0, 0),
        *(month(period, 120_000, 120_000, 0, 120_000) for period in ("2026-02", "2026-03", "2026-04")),
        month("2026-05", 0, 0, 0, 0),
    ]


def test_what_is_earned_of_an_invoice_that_can_be_cancelled_is_a_contract_asset(june: Project) -> None:
    assert positions(june, "BEGUN") == [
        month(f"2026-0{number}", 0, 0, 10_000 * number, 0) for number in (1, 2, 3, 4, 5)
    ]


def allocated(june: Project, agreement: str, book: str) -> list[tuple[Any, ...]]:
    """What each line of an agreement has of its price, by which method."""
    return rows(
        june,
        f"""
        select obligation_key, price_amount, method
        from revenue.allocations inner join marts.agreement using (agreement_id)
        where agreement_number = '{agreement}' and book = '{book}' order by obligation_key
        """,
    )


def earned(june: Project, agreement: str, book: str, line: int = 1) -> list[tuple[Any, ...]]:
    """What a line of an agreement has earned to date, and caught up, in the months up to May in which it moved."""
    return rows(
        june,
        f"""
        select period, cumulative_amount, catch_up_amount
        from revenue.recognition inner join marts.agreement using (agreement_id)
        where agreement_number = '{agreement}' and book = '{book}' and obligation_key = '{agreement}/{line}'
          and period_amount <> 0 and period <= '2026-05'
        order by period
        """,
    )


@pytest.mark.parametrize("book", ["primary", "by_list"])
def test_stated_selling_prices_split_the_price_in_every_book(june: Project, book: str) -> None:
    assert allocated(june, "BUNDLE", book) == [
        ("BUNDLE/1", Decimal(75_000), "relative_ssp"),
        ("BUNDLE/2", Decimal(25_000), "relative_ssp"),
    ]
    assert earned(june, "BUNDLE", book) == [month("2026-01", 37_500, 0)], "half of 75,000"
    assert allocated(june, "RANGE", book) == [
        ("RANGE/1", Decimal("54545.45"), "relative_ssp"),
        ("RANGE/2", Decimal("45454.55"), "relative_ssp"),
    ]
    assert allocated(june, "RESIDUAL", book) == [
        ("RESIDUAL/1", Decimal(72_000), "residual"),
        ("RESIDUAL/2", Decimal(28_000), "targeted_discount"),
    ]


def test_a_selling_price_that_is_known_late_leaves_closed_months_as_they_were(june: Project) -> None:
    assert earned(june, "CLOSED", "primary") == [month("2026-01", 30_000, 0), month("2026-05", 37_500, 7_500)]
    assert earned(june, "CLOSED", "by_list") == [month("2026-05", 37_500, 37_500)], "it waited for its evidence"


def test_without_a_selling_price_the_stated_price_counts_or_the_line_waits(june: Project) -> None:
    assert earned(june, "UNPRICED", "primary") == [month("2026-01", 30_000, 0)]
    assert earned(june, "UNPRICED", "by_list") == []


def test_a_fixed_fee_is_measured_by_what_was_accepted_where_the_book_says_so(june: Project) -> None:
    assert earned(june, "PHASES", "by_acceptance") == [
        month("2026-02", 75_000, 0),
        month("2026-04", 135_000, 0),
        month("2026-05", 171_000, 0),
    ]
    thirds = [month(f"2026-0{place}", amount, 0) for place, amount in ((3, 120_000), (4, 240_000), (5, 360_000))]
    assert earned(june, "THIRDS", "by_acceptance") == thirds
    assert [row[:2] for row in earned(june, "PHASES", "primary")] == [
        ("2026-01", Decimal(30_000)),
        ("2026-03", Decimal("32727.27")),
    ], "where hours measure it, what is accepted is none of its progress: 360,000 x 100 / 1,100"


def test_a_bank_of_hours_stands_ready_or_is_used_up(june: Project) -> None:
    by_day = [("2026-01", "2463.58"), ("2026-02", "4688.74"), ("2026-03", "7152.32"), ("2026-04", "9536.42")]
    ready = [*((period, Decimal(amount), Decimal(0)) for period, amount in by_day), month("2026-05", 12_000, 0)]
    assert earned(june, "BANK", "primary") == ready, "12,000 over 151 days, whatever is used"
    assert earned(june, "PREPAID", "primary") == ready
    assert earned(june, "BANK", "by_use") == [
        month("2026-01", 2_400, 0),
        month("2026-02", 9_600, 0),
        month("2026-05", 12_000, 0),
    ], "20 and 80 of the 100 hours that will be used; what is left lapses when the service ends"
    assert earned(june, "PREPAID", "by_use") == [
        month("2026-01", 2_000, 0),
        month("2026-02", 8_000, 0),
        month("2026-05", 12_000, 0),
    ], "20 and 80 of 120 hours: nobody expects that hours lapse, and they do"


def test_one_fixed_fee_is_measured_by_cost_and_the_others_as_their_book_chooses(june: Project) -> None:
    for book in ("primary", "by_acceptance"):
        assert earned(june, "BYCOST", book) == [month("2026-01", 48_000, 0), month("2026-03", 60_000, 0)]
    assert earned(june, "BYCOST", "primary", 2) == [month("2026-01", 20_000, 0)]
    assert earned(june, "BYCOST", "by_acceptance", 2) == [], "nothing of the training was accepted"


def test_a_method_that_is_known_late_catches_up_and_leaves_closed_months_as_they_were(june: Project) -> None:
    assert earned(june, "LATECOST", "primary") == [month("2026-01", 60_000, 0), month("2026-05", 12_000, -48_000)]
    assert earned(june, "LATECOST", "by_acceptance") == [month("2026-05", 12_000, 12_000)], "it had no measure"
    assert earned(june, "SWITCHED", "primary") == [
        month("2026-01", 60_000, 0),
        month("2026-03", 30_000, -40_000),
        month("2026-04", 40_000, 0),
        month("2026-05", 50_000, 0),
    ], "by hours until February; from March on 10,000 a month, of which 20,000 by then"


def test_a_method_is_stated_of_lines_of_any_billing_type_with_a_fixed_price(june: Project) -> None:
    assert earned(june, "STAGES", "primary") == [month("2026-01", 60_000, 0)], "a price by milestones, by its hours"
    assert earned(june, "SERVED", "primary") == [month("2026-02", 30_000, 0)], "a service, by what is accepted"
    assert earned(june, "RESEARCH", "primary") == [month("2026-01", 15_000, 0), month("2026-03", 30_000, 15_000)]


def test_a_method_without_its_evidence_is_told_where_it_needs_it(june: Project) -> None:
    told = """
        select book, obligation_key, period, code from revenue.problems inner join marts.agreement using (agreement_id)
        where agreement_number in ('UNSOLD', 'LATECOST') order by all
        """
    assert rows(june, told) == [("by_use", "UNSOLD/1", "2026-01", "no_plan")]


def test_costs_of_a_line_that_nobody_knows_are_told_and_not_capitalised(june: Project) -> None:
    costs = """
        select period, obligation_key, cost_name, closing_amount
        from revenue.contract_costs inner join marts.agreement using (agreement_id)
        where agreement_number = 'BEGUN' and book = 'primary' and period <= '2026-02' order by period
        """
    assert rows(june, costs) == [
        ("2026-01", "BEGUN/1", "Migration", Decimal(11_000)),
        ("2026-02", "BEGUN/1", "Migration", Decimal(10_000)),
    ]


def test_an_entry_that_cannot_be_used_is_told(june: Project) -> None:
    told = """
        select agreement_number, obligation_key, period, code, message
        from revenue.problems inner join marts.agreement using (agreement_id)
        where at_fault = 'revenue_register' and book = 'primary' order by agreement_number, obligation_key
        """
    assert rows(june, told) == [
        ("ADVISED", "ADVISED/1", "2026-01", "priced_otherwise",
         "ADVISED/1 is stated to be earned by 'hours', and it has no fixed price: it is earned as 'as_charged'"),
        ("AFTER", "AFTER/1", "2026-03", "priced_after_signature",
         "The stand-alone selling price of AFTER/1 is stated as of 2026-03-01, and it was signed on 2026-01-02 without "
         "one"),
        ("BEGUN", "BEGUN/7", "2026-01", "unknown_obligation",
         "Entry R-50 (contract_cost) is about BEGUN/7, which is no line of BEGUN"),
        ("BEGUN", "BEGUN/8", "2026-02", "unknown_obligation",
         "Entry R-52 (impaired) is about BEGUN/8, which is no line of BEGUN"),
        ("EUROS", "EUROS/1", "2026-02", "currency_differs",
         "Entry R-111 (cost) is in EUR, its agreement in another currency"),
        ("GATES", "GATES/1", "2026-04", "stated_by_exports",
         "Entry R-33 says what of GATES/1 was accepted, and so do milestones of the PSA"),
        ("HOURLY", "HOURLY/1", "2026-04", "no_fixed_fee",
         "Entry R-34 says what of HOURLY/1 was accepted, and that line has no fixed fee"),
        ("MISTAKEN", None, "2026-02", "unknown_invoice",
         "Entry R-5 is about invoice INV300101, which MISTAKEN does not have"),
        ("NOLINE", "NOLINE/9", "2026-01", "unknown_obligation",
         "Entry R-20 (ssp) is about NOLINE/9, which is no line of NOLINE"),
        ("SILENT", "SILENT/1", "2026-04", "entry_set_aside",
         "Entry R-116 was set aside as it stands now, and counts no longer as it was"),
        ("TWICE", "TWICE/1", "2026-01", "stated_by_exports",
         "The stand-alone selling price of TWICE/1 is 50000.00 in salesforce, and is stated as 75000.00"),
    ]  # fmt: skip
    assert [row[0] for row in positions(june, "MISTAKEN")] == ["2026-01"], "the agreement waits from then on"
