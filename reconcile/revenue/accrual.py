"""Time submitted and not yet approved at the end of a period: a finance-owned estimate, one line a project.

Revenue is earned when work is done, finance receives approved time only; the accrual closes the gap at period end and
reverses by itself in the next period. It is never part of recognised revenue here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from reconcile.revenue.evidence import Event
from reconcile.revenue.months import Month, period_of
from reconcile.revenue.rounding import decimal_of, half_up, quantity_decimal
from reconcile.revenue.rows import Accrual

__all__ = ["accruals"]


def accruals(submitted: Iterable[Event], month: Month, step: int) -> list[Accrual]:
    """One row a project and obligation: Σ value and hours of `worked` events of the month that are not approved."""
    sums: dict[tuple[str, str], tuple[int, int, Event]] = {}
    for event in submitted:
        key = (event.text("project"), event.obligation_key or "")
        amount, quantity, _ = sums.get(key, (0, 0, event))
        sums[key] = (amount + event.amount, quantity + event.quantity, event)
    reverses = period_of(date.fromordinal(month.after))
    return [
        Accrual(
            event.agreement_id, event.book, event.legal_entity_id, event.customer_id, event.currency, project,
            obligation or None, month.period, decimal_of(half_up(amount, 1, step)), quantity_decimal(quantity),
            reverses,
        )
        for (project, obligation), (amount, quantity, event) in sorted(sums.items(), key=lambda item: item[0])
    ]  # fmt: skip
