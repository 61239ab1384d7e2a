"""What is still to be earned: remaining performance obligations by time band, and backlog.

RPO      price allocated - recognised, less the exemptions taken (606-10-50-13 to 50-14A; IFRS 15.120-121)
bands    straight-line obligations by their term, others evenly to the end of their service, accepted ones at it
backlog  contract value - recognised (a management measure): total, funded, scheduled
"""

from __future__ import annotations

from typing import NamedTuple

from reconcile.revenue.months import Month
from reconcile.revenue.promise import Promise

__all__ = ["NOTHING", "Remaining", "contract_part", "price_part", "reestimated", "remaining"]


class Remaining(NamedTuple):
    """Price still to be earned: within 12 months, months 13 to 24, later; exempt; and planned by date."""

    next_12: int
    next_24: int
    later: int
    exempt: int
    scheduled: int


NOTHING = Remaining(0, 0, 0, 0, 0)


def price_part(promise: Promise) -> int:
    """The obligation's part of the transaction price; charged work counts its estimate while it is open."""
    if promise.is_terminated or promise.is_cancellable:
        return promise.cumulative
    if promise.method.axis == "charged":
        return promise.cumulative if promise.is_complete else max(promise.price, promise.cumulative)
    return promise.price


def contract_part(promise: Promise) -> int:
    """The obligation's part of the contract value; variable amounts of the contract are added by their full amount."""
    if promise.is_terminated:
        return promise.cumulative
    if promise.method.axis == "charged":
        charged = promise.cumulative + promise.given_back
        return charged if promise.is_complete else max(promise.committed, charged)
    if promise.method.axis == "resolved" and promise.is_complete:
        return promise.price
    return promise.stated - promise.waived


def reestimated(promise: Promise) -> int:
    """Estimate of charged work that turned out otherwise; what an early end cuts off is cancelled instead."""
    if promise.method.axis != "charged":
        return 0
    if promise.ended is None:
        return promise.committed - contract_part(promise)
    if promise.ended.is_complete:
        return promise.committed - promise.cumulative
    return min(0, promise.committed - promise.cumulative)


def remaining(promise: Promise, month: Month, *, is_exempt: bool) -> Remaining:
    """The bands of one obligation at the end of a month."""
    rest = price_part(promise) - promise.cumulative
    if not rest:
        return NOTHING
    scheduled = _scheduled(promise, rest, month)
    if is_exempt:
        return Remaining(0, 0, 0, rest, scheduled)
    by_12, by_24 = _by_band(promise, rest, month)
    return Remaining(by_12, by_24 - by_12, rest - by_24, 0, scheduled)


def _scheduled(promise: Promise, rest: int, month: Month) -> int:
    if promise.scheduled is not None and promise.method.follows_work:
        return max(0, min(rest, promise.scheduled))
    return rest if promise.end_on is not None and promise.end_on.toordinal() >= month.after else 0


def _by_band(promise: Promise, rest: int, month: Month) -> tuple[int, int]:
    """Earned within 12 and within 24 months from the end of the month."""
    if promise.band:
        named = ("next_12", "next_24", "later").index(promise.band)
        return (rest if named == 0 else 0), (rest if named <= 1 else 0)
    if promise.method.axis in ("days", "months"):
        base = promise.cumulative
        return promise.earned(month.after_12) - base, promise.earned(month.after_24) - base
    end = promise.end_on.toordinal() + 1 if promise.end_on is not None else 0
    if end <= month.after_12:
        return rest, rest
    if promise.method.at_end:
        return 0, rest if end <= month.after_24 else 0
    step, days = promise.step, end - month.after
    within = [
        rest * min(ordinal - month.after, days) // days // step * step for ordinal in (month.after_12, month.after_24)
    ]
    return within[0], within[1]
