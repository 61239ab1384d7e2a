"""Costs of a contract: what is capitalised and how it is spread (ASC 340-40; IFRS 15.91-104).

to obtain   capitalised when it is recoverable and would not have been incurred otherwise (340-40-25-1; 15.91)
to fulfil   capitalised when no other standard applies, it relates to the contract, creates resources for later delivery
            and is recoverable (340-40-25-5; 15.95)
amortised   in a straight line over the time the benefit lasts, expected renewals included (340-40-35-1; 15.99)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from reconcile.revenue.rounding import half_up

__all__ = ["ContractCost", "amortised", "treated"]


@dataclass(frozen=True, slots=True)
class ContractCost:
    """A cost of a contract, in ten-thousandths, and what decides about it."""

    name: str
    amount: int
    purpose: Literal["obtain", "fulfil"]
    is_incremental: bool = False
    has_own_standard: bool = False
    relates_to_contract: bool = True
    creates_resources: bool = True
    is_recoverable: bool = True


def treated(cost: ContractCost) -> Literal["capitalise", "expense", "other_standard"]:
    """What happens to a cost.

    >>> treated(ContractCost("commission", 10_000_0000, "obtain", is_incremental=True))
    'capitalise'
    """
    if cost.has_own_standard:
        return "other_standard"
    if cost.purpose == "obtain":
        return "capitalise" if cost.is_incremental and cost.is_recoverable else "expense"
    kept = cost.relates_to_contract and cost.creates_resources and cost.is_recoverable
    return "capitalise" if kept else "expense"


def amortised(amount: int, periods: int, step: int) -> list[int]:
    """Amortisation of each period: cumulative amounts are rounded, a period is their difference."""
    reached = [half_up(amount * done, periods, step) for done in range(periods + 1)]
    return [later - earlier for earlier, later in pairwise(reached)]
