"""What of the contract value is not in the transaction price, by reason (identity I2).

constrained  success fees and bonuses as far as they do not count yet (606-10-32-11; IFRS 15.56)
conceded     expected concessions and rebates, which lower the price by what is expected to be given up (606-10-32-7)
cancellable  what the customer may still cancel without a penalty of substance
reallocated  price that an ended obligation had from, or gave to, the others of its bundle
"""

from __future__ import annotations

from typing import NamedTuple

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.promise import Promise
from reconcile.revenue.remaining import contract_part

__all__ = ["HeldBack", "held_back"]


class HeldBack(NamedTuple):
    """The parts of contract value - transaction price."""

    constrained: int
    conceded: int
    cancellable: int
    reallocated: int


def held_back(agreement: Agreement) -> HeldBack:
    """Each part by itself, from the estimates and the obligations as they stand."""
    promises = [promise for promise in agreement.promises.values() if not promise.is_terminated]
    has_ended = any(promise.is_terminated or promise.is_complete for promise in agreement.promises.values())
    elements = [agreement.elements[name] for name in agreement.contract_gross]
    gross = sum(agreement.contract_gross.values())
    fees = [promise for promise in promises if _is_open_fee(promise)]
    priced = [promise for promise in promises if promise.method.axis not in ("charged", "resolved")]
    bearing = [promise for promise in promises if promise.method.axis != "resolved"]
    # what of the estimates lies on fees, or lay on obligations that have ended
    elsewhere = sum(element.included for element in elements) - sum(promise.variable for promise in bearing)
    moved = sum(promise.stated - promise.waived + promise.variable - promise.price for promise in priced)
    return HeldBack(
        constrained=gross
        - sum(element.included for element in elements if element.gross >= 0)
        + sum(promise.stated - promise.waived - promise.price for promise in fees)
        + (elsewhere if fees else 0),
        conceded=-sum(element.included for element in elements if element.gross < 0),
        cancellable=sum(_full(promise) - promise.cumulative for promise in promises if promise.is_cancellable),
        reallocated=moved + (0 if fees else elsewhere) if has_ended else 0,
    )


def _is_open_fee(promise: Promise) -> bool:
    return promise.method.axis == "resolved" and not promise.is_complete


def _full(promise: Promise) -> int:
    """The price of an obligation as if nobody could cancel it."""
    if promise.method.axis == "charged":
        return contract_part(promise) - promise.reduction
    return promise.price
