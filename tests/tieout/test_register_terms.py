"""What the revenue register says of documents and lines that exports state, through the whole pipeline."""

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

AS_OF = dt.date(2026, 6, 10)
YEAR = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
LATER = dt.date(2026, 7, 1), dt.date(2026, 12, 31)
BOOKS = """\
books:
  primary: {ratable: month}
  by_list: {ratable: month, ssp: list}
  by_acceptance: {ratable: month, fixed_fee: milestone}
  by_use: {ratable: month, hour_bank: usage}
"""


def service(number: str, term: tuple[dt.date, dt.date]) -> Deal:
    """A service for 120,000, billed at once in January and owed in February; nothing of it is paid."""
    deal = Deal(number, *YEAR).sign(1, day("2025-12-15"), Line(1, "Managed Service", 120_000, *term))
    return deal.invoice(1, day("2026-01-05"), 120_000)


def bundle(number: str, ssp: int | None = None) -> Deal:
    """A build for 60,000, of which half is done, and its support for a year from April on for 40,000."""
    lines = (
        Line(1, "Fixed Fee", 60_000, *YEAR, hours=100, ssp=ssp),
        Line(2, "Managed Service", 40_000, dt.date(2026, 4, 1), dt.date(2027, 3, 31)),
    )
    return Deal(number, *YEAR).sign(1, day("2026-01-02"), *lines).work(1, "2026-01", 50)


def phases(number: str, billing_type: str = "Fixed Fee") -> Deal:
    """300,000 for 1,000 hours and, from March on, 60,000 for 100 more; 100 are worked in January."""
    first, more = (None, None) if billing_type == "Milestone" else (1_000, 100)
    deal = Deal(number, *YEAR).work(1, "2026-01", 100)
    deal.sign(1, day("2026-01-02"), Line(1, billing_type, 300_000, *YEAR, hours=first))
    return deal.sign(2, day("2026-03-02"), Line(1, billing_type, 60_000, *YEAR, hours=more))


def bank(number: str, billing_type: str, hours: int | None = 120) -> Deal:
    """12,000 for 120 hours until May, of which 20 are used in January and 60 in February."""
    term = dt.date(2026, 1, 1), dt.date(2026, 5, 31)
    deal = Deal(number, *YEAR).sign(1, day("2026-01-02"), Line(1, billing_type, 12_000, *term, hours=hours))
    return deal.work(1, "2026-01", 20).work(1, "2026-02", 60)


def build(number: str, billing_type: str = "Fixed Fee") -> Deal:
    """120,000 for 1,000 hours, of which 500 are worked in January."""
    line = Line(1, billing_type, 120_000, *YEAR, hours=1_000)
    return Deal(number, *YEAR).sign(1, day("2026-01-02"), line).work(1, "2026-01", 500)


def with_training(number: str) -> Deal:
    """The same, and a training at a fixed fee of 50,000 for 1,000 hours, of which 400 are worked in January."""
    lines = (Line(place, "Fixed Fee", price, *YEAR, hours=1_000) for place, price in ((1, 120_000), (2, 50_000)))
    return Deal(number, *YEAR).sign(1, day("2026-01-02"), *lines).work(1, "2026-01", 500).work(2, "2026-01", 400)


def deals() -> list[Deal]:
    """The firm: the number of the first invoice of a deal is INV300101 for the first, INV300201 for the second .."""
    return [
        service("ADVANCE", LATER).pay(1, day("2026-04-20"), 20_000),
        service("FOUND", LATER),
        service("BEGUN", YEAR),
        service("MISTAKEN", LATER),
        bundle("BUNDLE"),
        bundle("RANGE"),
        bundle("RESIDUAL"),
        bundle("CLOSED"),
        bundle("UNPRICED"),
        bundle("TWICE", ssp=50_000),
        bundle("AFTER"),
        bundle("NOLINE"),
        phases("PHASES"),
        phases("THIRDS"),
        phases("GATES", "Milestone").accept(1, "Design", day("2026-02-20"), 90_000),
        phases("HOURLY", "T&M"),
        bank("BANK", "Managed Service"),
        bank("PREPAID", "Fixed Fee"),
        bank("UNSOLD", "Managed Service", hours=None),
        with_training("BYCOST"),
        build("LATECOST"),
        build("SWITCHED"),
        build("STAGES", "Milestone"),
        build("ADVISED", "T&M"),
        service("SERVED", YEAR),
        build("RESEARCH"),
    ]


def entry(place: int, about: str, kind: str, on: str, amount: int | str = "", **more: Any) -> dict[str, Any]:
    """An entry of the register, made on its day if not said otherwise."""
    return {
        "entry_id": f"R-{place}", "recorded_at": f"{on}T12:00:00Z", "agreement_number": about, "kind": kind,
        "happened_on": on, "currency": "USD", "amount": amount, **more,
    }  # fmt: skip


RIGHT = "right_to_consideration"
ENTRIES = [
    entry(1, "ADVANCE", RIGHT, "2026-01-05", document="INV300101", cancellable="true"),
    entry(2, "ADVANCE", RIGHT, "2026-05-31", document="INV300101", cancellable="false"),
    # January was closed in May, when this was found
    entry(3, "FOUND", RIGHT, "2026-01-05", document="INV300201", cancellable="true",
          recorded_at="2026-05-12T12:00:00Z"),
    entry(4, "BEGUN", RIGHT, "2026-01-05", document="INV300301", cancellable="true"),
    # the invoice of another agreement
    entry(5, "MISTAKEN", RIGHT, "2026-02-05", document="INV300101", cancellable="true"),
    # 100,000 x 75 / 100 and 25 / 100
    entry(10, "BUNDLE", "ssp", "2026-01-02", 75_000, obligation="BUNDLE/1"),
    entry(11, "BUNDLE", "ssp", "2026-01-02", 25_000, obligation="BUNDLE/2", ssp_method="expected_cost"),
    # 60,000 is in its range; 40,000 is not and counts as 50,000: 100,000 x 60 / 110
    entry(12, "RANGE", "ssp", "2026-01-02", 62_000, obligation="RANGE/1", ssp_low="55000", ssp_high="70000"),
    entry(13, "RANGE", "ssp", "2026-01-02", 50_000, obligation="RANGE/2", ssp_low="45000", ssp_high="55000"),
    # 100,000 - 28,000, inside 50,000 to 90,000
    entry(14, "RESIDUAL", "ssp", "2026-01-02", obligation="RESIDUAL/1", ssp_method="residual", ssp_low="50000",
          ssp_high="90000"),
    entry(15, "RESIDUAL", "ssp", "2026-01-02", 28_000, obligation="RESIDUAL/2"),
    # known in May, when January was closed
    entry(16, "CLOSED", "ssp", "2026-01-02", 75_000, obligation="CLOSED/1", recorded_at="2026-05-12T12:00:00Z"),
    entry(17, "CLOSED", "ssp", "2026-01-02", 25_000, obligation="CLOSED/2", recorded_at="2026-05-12T12:00:00Z"),
    entry(18, "TWICE", "ssp", "2026-01-02", 75_000, obligation="TWICE/1"),
    entry(19, "AFTER", "ssp", "2026-03-01", 75_000, obligation="AFTER/1"),
    # a quarter of 300,000; 60,000 of 360,000; known in May, when March was closed, a tenth of 360,000
    entry(30, "PHASES", "accepted", "2026-02-20", obligation="PHASES/1", share="0.25"),
    entry(31, "PHASES", "accepted", "2026-04-20", 60_000, obligation="PHASES/1"),
    entry(32, "PHASES", "accepted", "2026-03-20", obligation="PHASES/1", share="0.1",
          recorded_at="2026-05-12T12:00:00Z"),
    *(entry(place, "THIRDS", "accepted", f"2026-0{place - 40}-20", obligation="THIRDS/1", share="0.33333333")
      for place in (43, 44, 45)),
    entry(50, "BEGUN", "contract_cost", "2026-01-01", 12_000, obligation="BEGUN/7", cost_name="Set-up",
          purpose="fulfil"),
    entry(51, "BEGUN", "contract_cost", "2026-01-01", 12_000, obligation="BEGUN/1", cost_name="Migration",
          purpose="fulfil"),
    entry(52, "BEGUN", "impaired", "2026-02-28", 1_000, obligation="BEGUN/8"),
    entry(33, "GATES", "accepted", "2026-04-20", obligation="GATES/1", share="0.25"),
    entry(34, "HOURLY", "accepted", "2026-04-20", obligation="HOURLY/1", share="0.25"),
    entry(20, "NOLINE", "ssp", "2026-01-02", 75_000, obligation="NOLINE/9"),
    # 20 of the 120 hours are expected to lapse
    entry(60, "BANK", "method", "2026-01-02", obligation="BANK/1", method="hour_bank"),
    entry(61, "BANK", "estimate", "2026-01-02", obligation="BANK/1", quantity="100"),
    entry(62, "PREPAID", "method", "2026-01-02", obligation="PREPAID/1", method="hour_bank"),
    entry(63, "UNSOLD", "method", "2026-01-02", obligation="UNSOLD/1", method="hour_bank"),
    # 20,000 of 50,000, and half of it in March
    entry(64, "BYCOST", "method", "2026-01-02", obligation="BYCOST/1", method="cost"),
    entry(65, "BYCOST", "estimate", "2026-01-02", 50_000, obligation="BYCOST/1"),
    entry(66, "BYCOST", "cost", "2026-01-31", 20_000, obligation="BYCOST/1"),
    entry(67, "BYCOST", "cost", "2026-03-31", 5_000, obligation="BYCOST/1"),
    # known in May, when January was closed: a tenth of the cost, half of the hours
    entry(68, "LATECOST", "method", "2026-01-02", obligation="LATECOST/1", method="cost",
          recorded_at="2026-05-12T12:00:00Z"),
    entry(69, "LATECOST", "estimate", "2026-01-02", 50_000, obligation="LATECOST/1"),
    entry(70, "LATECOST", "cost", "2026-01-31", 5_000, obligation="LATECOST/1"),
    entry(71, "SWITCHED", "method", "2026-03-10", obligation="SWITCHED/1", method="ratable"),
    entry(72, "STAGES", "method", "2026-01-02", obligation="STAGES/1", method="hours"),
    entry(73, "ADVISED", "method", "2026-01-02", obligation="ADVISED/1", method="hours"),
    entry(74, "SERVED", "method", "2026-01-02", obligation="SERVED/1", method="milestone"),
    entry(75, "SERVED", "accepted", "2026-02-20", obligation="SERVED/1", share="0.25"),
    # cost until March, when 60,000 are expected in total
    entry(76, "RESEARCH", "method", "2026-01-02", obligation="RESEARCH/1", method="cost_recovery"),
    entry(77, "RESEARCH", "cost", "2026-01-31", 15_000, obligation="RESEARCH/1"),
    entry(78, "RESEARCH", "estimate", "2026-03-10", 60_000, obligation="RESEARCH/1"),
]  # fmt: skip


def rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with warehouse.opened(project) as con:
        return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The firm with its register, run."""
    folder = tmp_path_factory.mktemp("register_terms") / "firm"
    more = [{"revenue_register.entries": ENTRIES}]
    made = Project.load(write(folder, deals(), as_of=AS_OF, books=BOOKS, more=more))
    pipeline.land(made)
    pipeline.run(made)
    return made


def positions(project: Project, agreement: str) -> list[tuple[Any, ...]]:
    """Billed, receivable, contract asset and liability at the end of each month up to May."""
    return rows(
        project,
        f"""
        select period, billed, receivable, contract_asset, contract_liability
        from revenue.positions inner join marts.agreement using (agreement_id)
        where agreement_number = '{agreement}' and book = 'primary' and period between '2026-01' and '2026-05'
        order by period
        """,
    )


def month(period: str, *amounts: int) -> tuple[Any, ...]:
    return period, *map(Decimal, amounts)


def test_nobody_owes_an_invoice_that_can_be_cancelled_before_it_is_paid(project: Project) -> None:
    assert positions(project, "ADVANCE") == [
        month("2026-01", 0, 0, 0, 0),
        month("2026-02", 0, 0, 0, 0),
        month("2026-03", 0, 0, 0, 0),
        month("2026-04", 20_000, 0, 0, 20_000),
        month("2026-05", 120_000, 100_000, 0, 120_000),
    ], "the right to cancel ends in May"


def test_closed_months_keep_a_receivable_that_turns_out_to_be_none(project: Project) -> None:
    assert positions(project, "FOUND") == [
        month("2026-01", 0, 0, 0, 0),
        *(month(period, 120_000, 120_000, 0, 120_000) for period in ("2026-02", "2026-03", "2026-04")),
        month("2026-05", 0, 0, 0, 0),
    ]


def test_what_is_earned_of_an_invoice_that_can_be_cancelled_is_a_contract_asset(project: Project) -> None:
    assert positions(project, "BEGUN") == [
        month(f"2026-0{number}", 0, 0, 10_000 * number, 0) for number in (1, 2, 3, 4, 5)
    ]


def allocated(project: Project, agreement: str, book: str) -> list[tuple[Any, ...]]:
    """What each line of an agreement has of its price, by which method."""
    return rows(
        project,
        f"""
        select obligation_key, price_amount, method
        from revenue.allocations inner join marts.agreement using (agreement_id)
        where agreement_number = '{agreement}' and book = '{book}' order by obligation_key
        """,
    )


def earned(project: Project, agreement: str, book: str, line: int = 1) -> list[tuple[Any, ...]]:
    """What a line of an agreement has earned to date, and caught up, in the months up to May in which it moved."""
    return rows(
        project,
        f"""
        select period, cumulative_amount, catch_up_amount
        from revenue.recognition inner join marts.agreement using (agreement_id)
        where agreement_number = '{agreement}' and book = '{book}' and obligation_key = '{agreement}/{line}'
          and period_amount <> 0 and period <= '2026-05'
        order by period
        """,
    )


@pytest.mark.parametrize("book", ["primary", "by_list"])
def test_stated_selling_prices_split_the_price_in_every_book(project: Project, book: str) -> None:
    assert allocated(project, "BUNDLE", book) == [
        ("BUNDLE/1", Decimal(75_000), "relative_ssp"),
        ("BUNDLE/2", Decimal(25_000), "relative_ssp"),
    ]
    assert earned(project, "BUNDLE", book) == [month("2026-01", 37_500, 0)], "half of 75,000"
    assert allocated(project, "RANGE", book) == [
        ("RANGE/1", Decimal("54545.45"), "relative_ssp"),
        ("RANGE/2", Decimal("45454.55"), "relative_ssp"),
    ]
    assert allocated(project, "RESIDUAL", book) == [
        ("RESIDUAL/1", Decimal(72_000), "residual"),
        ("RESIDUAL/2", Decimal(28_000), "targeted_discount"),
    ]


def test_a_selling_price_that_is_known_late_leaves_closed_months_as_they_were(project: Project) -> None:
    assert earned(project, "CLOSED", "primary") == [month("2026-01", 30_000, 0), month("2026-05", 37_500, 7_500)]
    assert earned(project, "CLOSED", "by_list") == [month("2026-05", 37_500, 37_500)], "it waited for its evidence"


def test_without_a_selling_price_the_stated_price_counts_or_the_line_waits(project: Project) -> None:
    assert earned(project, "UNPRICED", "primary") == [month("2026-01", 30_000, 0)]
    assert earned(project, "UNPRICED", "by_list") == []


def test_a_fixed_fee_is_measured_by_what_was_accepted_where_the_book_says_so(project: Project) -> None:
    assert earned(project, "PHASES", "by_acceptance") == [
        month("2026-02", 75_000, 0),
        month("2026-04", 135_000, 0),
        month("2026-05", 171_000, 0),
    ]
    thirds = [month(f"2026-0{place}", amount, 0) for place, amount in ((3, 120_000), (4, 240_000), (5, 360_000))]
    assert earned(project, "THIRDS", "by_acceptance") == thirds
    assert [row[:2] for row in earned(project, "PHASES", "primary")] == [
        ("2026-01", Decimal(30_000)),
        ("2026-03", Decimal("32727.27")),
    ], "where hours measure it, what is accepted is none of its progress: 360,000 x 100 / 1,100"


def test_a_bank_of_hours_stands_ready_or_is_used_up(project: Project) -> None:
    by_day = [("2026-01", "2463.58"), ("2026-02", "4688.74"), ("2026-03", "7152.32"), ("2026-04", "9536.42")]
    ready = [*((period, Decimal(amount), Decimal(0)) for period, amount in by_day), month("2026-05", 12_000, 0)]
    assert earned(project, "BANK", "primary") == ready, "12,000 over 151 days, whatever is used"
    assert earned(project, "PREPAID", "primary") == ready
    assert earned(project, "BANK", "by_use") == [
        month("2026-01", 2_400, 0),
        month("2026-02", 9_600, 0),
        month("2026-05", 12_000, 0),
    ], "20 and 80 of the 100 hours that will be used; what is left lapses when the service ends"
    assert earned(project, "PREPAID", "by_use") == [
        month("2026-01", 2_000, 0),
        month("2026-02", 8_000, 0),
        month("2026-05", 12_000, 0),
    ], "20 and 80 of 120 hours: nobody expects that hours lapse, and they do"


def test_one_fixed_fee_is_measured_by_cost_and_the_others_as_their_book_chooses(project: Project) -> None:
    for book in ("primary", "by_acceptance"):
        assert earned(project, "BYCOST", book) == [month("2026-01", 48_000, 0), month("2026-03", 60_000, 0)]
    assert earned(project, "BYCOST", "primary", 2) == [month("2026-01", 20_000, 0)]
    assert earned(project, "BYCOST", "by_acceptance", 2) == [], "nothing of the training was accepted"


def test_a_method_that_is_known_late_catches_up_and_leaves_closed_months_as_they_were(project: Project) -> None:
    assert earned(project, "LATECOST", "primary") == [month("2026-01", 60_000, 0), month("2026-05", 12_000, -48_000)]
    assert earned(project, "LATECOST", "by_acceptance") == [month("2026-05", 12_000, 12_000)], "it had no measure"
    assert earned(project, "SWITCHED", "primary") == [
        month("2026-01", 60_000, 0),
        month("2026-03", 30_000, -40_000),
        month("2026-04", 40_000, 0),
        month("2026-05", 50_000, 0),
    ], "by hours until February; from March on 10,000 a month, of which 20,000 by then"


def test_a_method_is_stated_of_lines_of_any_billing_type_with_a_fixed_price(project: Project) -> None:
    assert earned(project, "STAGES", "primary") == [month("2026-01", 60_000, 0)], "a price by milestones, by its hours"
    assert earned(project, "SERVED", "primary") == [month("2026-02", 30_000, 0)], "a service, by what is accepted"
    assert earned(project, "RESEARCH", "primary") == [month("2026-01", 15_000, 0), month("2026-03", 30_000, 15_000)]


def test_a_method_without_its_evidence_is_told_where_it_needs_it(project: Project) -> None:
    told = """
        select book, obligation_key, period, code from revenue.problems inner join marts.agreement using (agreement_id)
        where agreement_number in ('UNSOLD', 'LATECOST') order by all
        """
    assert rows(project, told) == [("by_use", "UNSOLD/1", "2026-01", "no_plan")]


def test_costs_of_a_line_that_nobody_knows_are_told_and_not_capitalised(project: Project) -> None:
    costs = """
        select period, obligation_key, cost_name, closing_amount
        from revenue.contract_costs inner join marts.agreement using (agreement_id)
        where agreement_number = 'BEGUN' and book = 'primary' and period <= '2026-02' order by period
        """
    assert rows(project, costs) == [
        ("2026-01", "BEGUN/1", "Migration", Decimal(11_000)),
        ("2026-02", "BEGUN/1", "Migration", Decimal(10_000)),
    ]


def test_an_entry_that_cannot_be_used_is_told(project: Project) -> None:
    told = """
        select agreement_number, obligation_key, period, code, message
        from revenue.problems inner join marts.agreement using (agreement_id)
        where at_fault = 'revenue_register' and book = 'primary' order by agreement_number, obligation_key
        """
    assert rows(project, told) == [
        ("ADVISED", "ADVISED/1", "2026-01", "priced_otherwise",
         "ADVISED/1 is stated to be earned by 'hours', and it has no fixed price: it is earned as 'as_charged'"),
        ("AFTER", "AFTER/1", "2026-03", "priced_after_signature",
         "The stand-alone selling price of AFTER/1 is stated as of 2026-03-01, and it was signed on 2026-01-02 without "
         "one"),
        ("BEGUN", "BEGUN/7", "2026-01", "unknown_obligation",
         "Entry R-50 (contract_cost) is about BEGUN/7, which is no line of BEGUN"),
        ("BEGUN", "BEGUN/8", "2026-02", "unknown_obligation",
         "Entry R-52 (impaired) is about BEGUN/8, which is no line of BEGUN"),
        ("GATES", "GATES/1", "2026-04", "stated_by_exports",
         "Entry R-33 says what of GATES/1 was accepted, and so do milestones of the PSA"),
        ("HOURLY", "HOURLY/1", "2026-04", "no_fixed_fee",
         "Entry R-34 says what of HOURLY/1 was accepted, and that line has no fixed fee"),
        ("MISTAKEN", None, "2026-02", "unknown_invoice",
         "Entry R-5 is about invoice INV300101, which MISTAKEN does not have"),
        ("NOLINE", "NOLINE/9", "2026-01", "unknown_obligation",
         "Entry R-20 (ssp) is about NOLINE/9, which is no line of NOLINE"),
        ("TWICE", "TWICE/1", "2026-01", "stated_by_exports",
         "The stand-alone selling price of TWICE/1 is 50000.00 in salesforce, and is stated as 75000.00"),
    ]  # fmt: skip
    assert [row[0] for row in positions(project, "MISTAKEN")] == ["2026-01"], "the agreement waits from then on"


def test_the_identities_hold_and_nothing_is_unexplained(project: Project) -> None:
    assert rows(project, "select * from revenue.identity_residuals where of_what = 'recomputed'") == []
    assert rows(project, UNSUMMED) == []
    assert rows(project, UNCARRIED) == []
    unexplained = "select agreement_id, period, amount from revenue.explanations where cause = 'unexplained'"
    assert rows(project, unexplained) == []
