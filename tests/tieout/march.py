"""A firm written by hand as of the end of March: deals as delivery planned them, and deals in foreign currency."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.tieout.exports import Deal, Line, day, write
from tests.tieout.loop import Firm

__all__ = [
    "END", "END_OF_MARCH", "PLANNED", "SECOND", "START", "THIRD", "as_of_march", "booked", "quarter_done",
]  # fmt: skip

START, END = dt.date(2026, 1, 1), dt.date(2026, 9, 30)
SECOND, THIRD = (dt.date(2026, 4, 1), dt.date(2026, 6, 30)), (dt.date(2026, 7, 1), END)
TERM = (dt.date(2026, 1, 5), dt.date(2026, 12, 31))
EURO = {
    dt.date(2026, 1, 2): "1.05",
    dt.date(2026, 1, 31): "1.08",
    dt.date(2026, 2, 28): "1.12",
    dt.date(2026, 3, 31): "1.15",
}
END_OF_MARCH = dt.date(2026, 3, 31)
#: Agreements whose hours are booked: as planned, with 900 hours moved to the third quarter, with two roles removed too.
PLANNED = ("PLANNED", "MOVED", "REMOVED")


def quarter_done(number: str) -> Deal:
    """1,500 of 6,000 hours of a fixed fee of 1,200,000 are done by the end of March."""
    deal = Deal(number, START, END).sign(1, START, Line(1, "Fixed Fee", 1_200_000, START, END, hours=6_000))
    for month in ("2026-01", "2026-02", "2026-03"):
        deal.work(1, month, 500)
    return deal


def booked(project: int, *bookings: tuple[tuple[dt.date, dt.date], int]) -> dict[str, list[dict[str, Any]]]:
    """Bookings of a project: the first and last day, and the hours."""
    at = f"{START}T09:00:00-05:00"
    rows = [
        {"id": str(project * 100 + place), "workspace_id": str(project), "workspace_resource_id": str(project),
         "start_date": str(days[0]), "end_date": str(days[1]), "minutes": hours * 60, "hard": True,
         "created_at": at, "updated_at": at}
        for place, (days, hours) in enumerate(bookings, start=1)
    ]  # fmt: skip
    resource = {"id": str(project), "workspace_id": str(project), "role_id": "301", "created_at": at, "updated_at": at}
    return {"kantata.workspace_resources": [resource], "kantata.workspace_allocations": rows}


def in_euro(number: str, price: int) -> Deal:
    """A fixed fee in euro in the books of a company in dollars, 1,000 hours, 60,000 paid in advance at 1.10."""
    deal = Deal(number, *TERM, currency="EUR")
    deal.sign(1, TERM[0], Line(1, "Fixed Fee", price, *TERM, hours=1_000))
    return deal.invoice(1, day("2026-01-10"), 60_000, rate="1.10").pay(1, day("2026-01-20"), 60_000)


def all_done() -> Deal:
    """All of it is done in February at 1.12; the rest is billed in March at 1.12, which ends at 1.15."""
    deal = in_euro("REST", 100_000).work(1, "2026-02", 1_000).recognise(1, "2026-02", 100_000, rate="1.108")
    deal.post("Journal", day("2026-02-28"), ("2400", "100000.00", "110800.00"), ("4010", "-100000.00", "-110800.00"))
    return deal.invoice(1, day("2026-03-05"), 40_000, rate="1.12")


def half_done(number: str) -> Deal:
    """Half of what was paid in advance is still owed in work."""
    deal = in_euro(number, 60_000).work(1, "2026-03", 500).recognise(1, "2026-03", 30_000, rate="1.10")
    return deal.post("Journal", END_OF_MARCH, ("2400", "30000.00", "33000.00"), ("4010", "-30000.00", "-33000.00"))


def revalued(deal: Deal, account: str, amount: str) -> Deal:
    """The revaluation of March changes a balance by an amount of the books."""
    return deal.post(
        "FxReval", END_OF_MARCH, (account, amount, amount), ("7800", str(-Decimal(amount)), str(-Decimal(amount)))
    )


def as_of_march(folder: Path) -> Firm:
    """The firm, run once. The projects of the deals are numbered in their order."""
    deals = [
        *(quarter_done(number) for number in PLANNED),
        # what is owed is revalued, an advance is not; another is, by mistake
        revalued(all_done(), "1100", "1200.00"),
        half_done("ADVANCE"),
        revalued(half_done("SPOILT"), "2400", "-1500.00"),
    ]
    bookings = (
        booked(4001, (SECOND, 2_700), (THIRD, 1_800)),
        booked(4002, (SECOND, 1_800), (THIRD, 2_700)),
        booked(4003, (SECOND, 1_800), (THIRD, 2_400)),
    )
    one = Firm(write(folder, deals, as_of=END_OF_MARCH, euro=EURO, more=bookings))
    one.run()
    return one
