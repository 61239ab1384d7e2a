"""A programme of three countries from signature to revenue: one company sells it, two others work on it and recharge.

In the same firm stands the same deal done wrong: the British project was set up as if the British company had sold it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from app import pipeline
from app.project import Project
from tests.tieout.countries import Country, Part, delivered, group
from tests.tieout.exports import Deal, Line, write
from tests.tieout.loop import Firm

pytestmark = pytest.mark.long

BRITAIN = Country("UK01", "3", "GBP", "3", "1.250000")
GERMANY = Country("DE01", "4", "EUR", "2", "1.100000")
BOOKS = """\
books:
  primary:
    intercompany:
      - {performer: UK01, rate: 100, currency: GBP}
      - {performer: DE01, contractor: US01, rate: 110, currency: EUR}
      - {performer: DE01, rate: 95, currency: EUR, valid_from: 2026-01-01}
      - {performer: UK01, rate: 120, currency: GBP, valid_from: 2026-02-01}
"""
START, END, MONTH = dt.date(2026, 1, 2), dt.date(2027, 12, 31), dt.date(2026, 1, 1)


def programme(number: str) -> Deal:
    """USD 2,400,000 for 10,000 hours; in January the seller's own people do 500 of them."""
    deal = Deal(number, START, END).sign(1, START, Line(1, "Fixed Fee", 2_400_000, START, END, hours=10_000))
    return deal.work(1, "2026-01", 500, in_finance=True)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """Both deals, landed, built, reconciled and published."""
    parts = (
        Part(BRITAIN, "PROGRAMME", 300, recharged=30_000),
        Part(GERMANY, "PROGRAMME", 200, recharged=22_000),
        Part(BRITAIN, "DIRECT", 300, recharged=None, owner=BRITAIN.subsidiary),
        Part(GERMANY, "DIRECT", 200, recharged=22_000),
    )
    folder = write(
        tmp_path_factory.mktemp("programme") / "firm",
        [programme("PROGRAMME"), programme("DIRECT").recognise(1, "2026-01", 240_000)],
        as_of=dt.date(2026, 2, 6),
        books=BOOKS,
        more=(group((BRITAIN, GERMANY)), delivered(parts, MONTH)),
    )
    pipeline.run(Project.load(folder))
    return Firm(folder)


def of(firm: Firm, number: str, query: str) -> list[tuple[Any, ...]]:
    """Rows about a deal: `{deal}` in the query stands for its agreement."""
    return firm.rows(
        query.format(deal=f"(select agreement_id from marts.agreement where agreement_number = '{number}')")
    )


def test_the_programme_has_a_project_per_country_under_one_statement_of_work(firm: Firm) -> None:
    projects = "select workstream, legal_entity_code from marts.project where agreement_id = {deal} order by workstream"
    assert [row[0] for row in of(firm, "PROGRAMME", projects)] == ["DE01", "UK01", None]
    signed = "select kind, amount, legal_entity_id is not null and customer_id is not null from revenue.evidence "
    assert of(firm, "PROGRAMME", signed + "where agreement_id = {deal} and kind = 'signed'") == [
        ("signed", Decimal(2_400_000), True)
    ]


def test_revenue_of_all_countries_is_the_sellers(firm: Firm) -> None:
    recognised = (
        "select entity.legal_entity_code, recognition.period_amount, cast(recognition.done / "
        "recognition.total as decimal(4, 3)) "
        "from revenue.recognition as recognition join marts.legal_entity as entity using (legal_entity_id) "
        "where agreement_id = {deal} and period = '2026-01'"
    )
    assert of(firm, "PROGRAMME", recognised) == [("US01", Decimal(240_000), Decimal("0.100"))]


def test_who_works_has_a_receivable_and_who_sold_owes_the_same(firm: Firm) -> None:
    recharged = (
        "select performing_entity, contracting_entity, receivable_currency, receivable_functional_amount, "
        "payable_currency, payable_functional_amount "
        "from revenue.recharges where agreement_id = {deal} and is_booked = {booked} order by all"
    )
    expected = [
        ("DE01", "US01", "EUR", Decimal(22_000), "USD", Decimal(24_200)),
        ("UK01", "US01", "GBP", Decimal(30_000), "USD", Decimal(37_500)),
    ]
    for booked in ("false", "true"):
        assert of(firm, "PROGRAMME", recharged.replace("{booked}", booked)) == expected
    owed = "select sum(payable_functional_amount) from revenue.recharges where agreement_id = {deal} and is_booked"
    assert of(firm, "PROGRAMME", owed) == [(Decimal(61_700),)]


def test_what_consolidation_eliminates_is_stated_and_nothing_remains(firm: Firm) -> None:
    eliminated = "select sum(eliminated_amount), sum(abs(difference_amount)) from revenue.intercompany"
    # The programme's 61,700.00, and the German 24,200.00 of the deal done wrong.
    assert firm.rows(eliminated) == [(Decimal(85_900), Decimal(0))]
    proved = "select statement, sum(tested), sum(failed) from revenue.identities where identity = 'I14' group by all"
    assert sorted(firm.rows(proved)) == [
        ("hours of other entities x intercompany rate = recharged", 2, 1),
        ("receivable of the performing entity = payable of the contracting one", 2, 0),
    ]


def test_nothing_is_said_about_the_programme_between_companies(firm: Firm) -> None:
    assert (
        of(
            firm,
            "PROGRAMME",
            "select title from recon.breaks where agreement_id = {deal} and check_id in ('K21', 'K22')",
        )
        == []
    )


def test_work_sold_by_the_wrong_company_is_found_and_so_is_the_recharge_it_lacks(firm: Firm) -> None:
    wrong = "select distinct cause from recon.breaks where agreement_id = {deal} and check_id = 'K21'"
    assert of(firm, "DIRECT", wrong) == [("the project belongs to another company than the agreement",)]
    hours = "select sum(cast(payload ->> '$.hours' as decimal(18, 4))) from recon.breaks where check_id = 'K21'"
    assert firm.rows(hours) == [(Decimal(300),)]
    lacking = "select break_type, abs(variance), currency, at_fault from recon.breaks where check_id = 'K22'"
    assert firm.rows(lacking) == [("missing_right", Decimal(30_000), "GBP", "netsuite")]
