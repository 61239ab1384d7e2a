"""The balances of one contract: contract asset, unbilled receivable, contract liability, refund liability.

    unbilled receivable = Σ right-to-invoice obligations of max(0, earned - billed): only time must pass (606-10-45-4)
    refund liability    = billed and expected to be given back, outside contract liabilities (606-10-32-10; IFRS 15.55)
    net                 = recognised - billed - unbilled receivable + refund liability
    contract asset      = max(0, net), contract liability = max(0, -net): net per contract (606-10-45-1; IFRS 15.105)

so billed + UR - recognised = CL - CA + RL (I3) and CA x CL = 0 (I4) hold by construction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reconcile.revenue.price import refund_liability
from reconcile.revenue.promise import Promise

__all__ = ["Balances", "balances"]


class Balances(NamedTuple):
    """Balances at the end of a period, in ten-thousandths."""

    recognised: int
    unbilled_receivable: int
    contract_asset: int
    contract_liability: int
    refund_liability: int


def balances(promises: Iterable[Promise], *, billed: int, unkeyed: int, is_terminated: bool, step: int) -> Balances:
    """The balances from what every obligation has earned and billed; `unkeyed` is billed for no obligation."""
    recognised = unbilled = refund = 0
    reduction = price = 0
    for promise in promises:
        recognised += promise.cumulative
        owed_back = 0
        if promise.reduction:
            owed_back = refund_liability(promise.billed, promise.rebated, promise.reduction, promise.price, step)
            refund += owed_back
            reduction += promise.reduction
            price += promise.price
        if promise.method.right_to_invoice:
            # what was given back ahead of the work is no right to an invoice
            ahead = max(0, promise.rebated - promise.given_back) if promise.reduction else 0
            unbilled += max(0, promise.cumulative - promise.billed + owed_back - ahead)
    if unkeyed > 0:
        unbilled = max(0, unbilled - unkeyed)
        if reduction:
            refund += refund_liability(unkeyed, 0, reduction, price, step)
    net = recognised - billed - unbilled + refund
    if is_terminated and net < 0:
        # nothing more will be delivered: what was billed beyond the final price is owed back
        refund, net = refund - net, 0
    return Balances(recognised, unbilled, max(0, net), max(0, -net), refund)
