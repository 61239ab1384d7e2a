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
BOOKS = "books:\n  primary: {ratable: month}\n"


def service(number: str, term: tuple[dt.date, dt.date]) -> Deal:
    """A service for 120,000, billed at once in January and owed in February; nothing of it is paid."""
    deal = Deal(number, *YEAR).sign(1, day("2025-12-15"), Line(1, "Managed Service", 120_000, *term))
    return deal.invoice(1, day("2026-01-05"), 120_000)


def deals() -> list[Deal]:
    """The firm: the number of the first invoice of a deal is INV300101 for the first, INV300201 for the second .."""
    return [
        service("ADVANCE", LATER).pay(1, day("2026-04-20"), 20_000),
        service("FOUND", LATER),
        service("BEGUN", YEAR),
        service("MISTAKEN", LATER),
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


def test_an_entry_that_cannot_be_used_is_told(project: Project) -> None:
    told = """
        select agreement_number, obligation_key, period, code, message
        from revenue.problems inner join marts.agreement using (agreement_id)
        where at_fault = 'revenue_register' and book = 'primary' order by agreement_number
        """
    assert rows(project, told) == [
        ("MISTAKEN", None, "2026-02", "unknown_invoice",
         "Entry R-5 is about invoice INV300101, which MISTAKEN does not have"),
    ]  # fmt: skip
    assert [row[0] for row in positions(project, "MISTAKEN")] == ["2026-01"], "the agreement waits from then on"


def test_the_identities_hold_and_nothing_is_unexplained(project: Project) -> None:
    assert rows(project, "select * from revenue.identity_residuals where of_what = 'recomputed'") == []
    assert rows(project, UNSUMMED) == []
    assert rows(project, UNCARRIED) == []
    unexplained = "select agreement_id, period, amount from revenue.explanations where cause = 'unexplained'"
    assert rows(project, unexplained) == []
