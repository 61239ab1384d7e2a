"""Work that one legal entity does on the contract of another: receivable, payable, elimination (identity I14).

receivable (performer's currency) = hours x intercompany rate
payable (contractor's currency)   = receivable x exchange rate
consolidated                      = external revenue; receivable and payable, income and cost eliminate to zero
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconcile.revenue.evidence import AMOUNT, QUANTITY
from reconcile.revenue.rounding import half_up, step_of

__all__ = ["Recharge", "eliminated", "payable", "receivable"]


@dataclass(frozen=True, slots=True)
class Recharge:
    """Hours of a performer for a contractor in one period; hours and rates in hundred-millionths."""

    performer: str
    contractor: str
    hours: int
    rate: int
    currency: str
    contractor_currency: str
    exchange_rate: int


def receivable(recharge: Recharge) -> int:
    """What the performer is owed, in its currency, rounded to its minor unit."""
    unit = QUANTITY * QUANTITY // AMOUNT
    return half_up(recharge.hours * recharge.rate, unit, step_of(recharge.currency))


def payable(recharge: Recharge) -> int:
    """What the contractor owes, in its currency: the receivable translated, rounded to its minor unit."""
    return half_up(receivable(recharge) * recharge.exchange_rate, QUANTITY, step_of(recharge.contractor_currency))


def eliminated(recharges: Iterable[Recharge]) -> int:
    """What consolidation takes out, in the contractor's currency."""
    return sum(payable(recharge) for recharge in recharges)
