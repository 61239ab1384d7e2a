"""A firm written by hand as of June: deals with a revenue register, good entries and bad, and deals that end early."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from app import pipeline, warehouse
from app.project import Project
from tests.tieout.ended import ended
from tests.tieout.exports import Deal, Line, day, write

__all__ = ["as_of_june", "rows"]

AS_OF = dt.date(2026, 6, 10)
YEAR = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
LATER = dt.date(2026, 7, 1), dt.date(2026, 12, 31)
BOOKS = """\
books:
  primary: {ratable: month}
  by_cost: {ratable: month, fixed_fee: cost}
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


def by_cost(number: str) -> Deal:
    """300,000 for 1,000 hours; 100 are worked in January, which says nothing of a fee measured by cost."""
    deal = Deal(number, *YEAR).sign(1, day("2025-12-15"), Line(1, "Fixed Fee", 300_000, *YEAR, hours=1_000))
    return deal.work(1, "2026-01", 100)


def support() -> Deal:
    """A service of a year, whose seller gets a commission."""
    deal = Deal("SUPPORT", *YEAR).sign(1, day("2025-12-15"), Line(1, "Managed Service", 120_000, *YEAR))
    return deal.invoice(1, day("2026-01-05"), 120_000)


def deals(*, is_late_known: bool) -> list[Deal]:
    """The firm: the number of the first invoice of a deal is INV300101 for the first, INV300201 for the second .."""
    late = by_cost("LATE").invoice(1, day("2026-01-15"), 50_000).invoice(1, day("2026-02-15"), 30_000)
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
        by_cost("PLANT").invoice(1, day("2026-01-15"), 100_000),
        by_cost("EUROS"),
        by_cost("SILENT"),
        late,
        support(),
        *ended(is_late_known=is_late_known),
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
    entry(101, "PLANT", "estimate", "2026-01-02", 200_000, obligation="PLANT/1"),
    entry(102, "PLANT", "cost", "2026-01-31", 40_000, obligation="PLANT/1"),
    entry(103, "PLANT", "cost", "2026-02-28", 10_000, obligation="PLANT/1", wasted="true"),
    entry(104, "PLANT", "cost", "2026-03-31", 60_000, obligation="PLANT/1"),
    # February was closed in May, when this was found; the estimate rises with it
    entry(105, "PLANT", "cost", "2026-02-10", 32_000, obligation="PLANT/1", recorded_at="2026-05-12T12:00:00Z"),
    entry(106, "PLANT", "estimate", "2026-05-12", 240_000, obligation="PLANT/1"),
    entry(107, "SUPPORT", "contract_cost", "2026-01-01", 12_000, cost_name="Commission", purpose="obtain",
          incremental="true", benefit_until="2026-12-31"),
    entry(108, "SUPPORT", "impaired", "2026-04-30", 1_600, cost_name="Commission"),
    entry(109, "NO-SUCH", "cost", "2026-03-31", 500, obligation="NO-SUCH/1"),
    entry(110, "NOWHERE", "contract_cost", "2026-03-31", 700, purpose="fulfil"),
    entry(111, "EUROS", "cost", "2026-02-28", 900, obligation="EUROS/1", currency="EUR"),
    entry(112, "PLANT", "worked", "2026-03-31", 5_000, obligation="PLANT/1"),
    entry(113, "PLANT", "overhead", "2026-03-31", 5_000, obligation="PLANT/1"),
    entry(114, "PLANT", "cost", "2026-03-31", obligation="PLANT/1"),
    entry(116, "SILENT", "cost", "2026-04-30", 1_234, obligation="SILENT/1"),
    entry(115, "PLANT", "estimate", "2026-05-15", obligation="PLANT/1", quantity=800),
    entry(117, "LATE", "estimate", "2026-03-01", 200_000, obligation="LATE/1"),
    entry(118, "LATE", "cost", "2026-03-31", 50_000, obligation="LATE/1"),
]  # fmt: skip


def as_of_june(folder: Path) -> Project:
    """The firm, landed, then run with one end that was entered since, and one entry that was corrected badly."""
    register = [{"revenue_register.entries": ENTRIES}]
    made = Project.load(write(folder / "firm", deals(is_late_known=False), as_of=AS_OF, books=BOOKS, more=register))
    pipeline.land(made)
    later = write(folder / "later", deals(is_late_known=True), as_of=AS_OF, books=BOOKS, more=register)
    contracts = Path("exports", "salesforce", "Contract.csv")
    shutil.copy(later / contracts, made.root / contracts)
    # the entry about SILENT is corrected, to something that is no amount
    file = made.root / "exports" / "revenue_register" / "entries.csv"
    file.write_text(file.read_text("utf-8").replace('"1234"', '"1.234,00"'), "utf-8")
    pipeline.run(made)
    return made


def rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with warehouse.opened(project) as con:
        return con.execute(query).fetchall()
