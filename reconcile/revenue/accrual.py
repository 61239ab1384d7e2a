"""Time submitted and not yet approved at the end of a period: a finance-owned estimate, one line a project.

Revenue is earned when work is done, finance receives approved time only; the accrual closes the gap at period end and
reverses by itself in the next period. It is never part of recognised revenue here, and never more than what approval of
the same time would earn: work beyond the cap of its line or agreement is neither revenue nor unbilled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.evidence import Event
from reconcile.revenue.months import period_of
from reconcile.revenue.rounding import decimal_of, half_up, quantity_decimal
from reconcile.revenue.rows import Accrual

__all__ = ["accruals"]


def accruals(agreement: Agreement) -> list[Accrual]:
    """One row a project and obligation: Σ value and hours of `worked` events of the month that are not approved."""
    sums: dict[tuple[str, str], tuple[int, int, Event]] = {}
    for event in agreement.submitted:
        if _is_after_end(agreement, event):
            continue
        key = (event.text("project"), event.obligation_key or "")
        amount, quantity = sums[key][:2] if key in sums else (0, 0)
        sums[key] = (amount + event.amount, quantity + event.quantity, event)
    earned = _earned(agreement, sums)
    reverses = period_of(date.fromordinal(agreement.month.after))
    return [
        Accrual(
            event.agreement_id, event.book, event.legal_entity_id, event.customer_id, event.currency, project,
            obligation or None, agreement.month.period, decimal_of(earned[project, obligation]),
            quantity_decimal(quantity), reverses,
        )
        for (project, obligation), (_, quantity, event) in sorted(sums.items(), key=lambda item: item[0])
        if earned[project, obligation]
    ]  # fmt: skip


def _is_after_end(agreement: Agreement, event: Event) -> bool:
    """Done after its obligation was terminated: nobody owes it."""
    promise = agreement.promise_of(event)
    return promise is not None and promise.ended_on is not None and event.last_day > promise.ended_on


def _earned(agreement: Agreement, sums: Mapping[tuple[str, str], tuple[int, int, Event]]) -> dict[tuple[str, str], int]:
    """What approval of each would earn; what room the caps leave is taken in order of obligation and project."""
    found: dict[tuple[str, str], int] = {}
    ahead: dict[str, int] = {}
    room = agreement.room
    for project, obligation in sorted(sums, key=lambda key: key[::-1]):
        worth, _, event = sums[project, obligation]
        promise = agreement.promise_of(event)
        if promise is not None:
            before = (promise.ended or promise).charged + ahead.get(promise.key, 0)
            ahead[promise.key] = ahead.get(promise.key, 0) + worth
            worth = promise.within_cap(before + worth) - promise.within_cap(before)
        worth = half_up(worth, 1, agreement.step)
        if room is not None:
            worth = min(worth, room)
            room -= worth
        found[project, obligation] = worth
    return found
