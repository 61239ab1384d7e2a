"""Deals that end early, in every way they do, and deals beside them that go on."""

from __future__ import annotations

import datetime as dt

from tests.tieout.exports import Deal, Line, day

__all__ = ["ended"]

YEAR = dt.date(2026, 1, 1), dt.date(2026, 12, 31)


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


def ended(*, is_late_known: bool) -> list[Deal]:
    """Every way an agreement ends early; one of them is known two months later."""
    late = support("FOUND-LATE")
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
