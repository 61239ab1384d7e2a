"""Exact integers inside, the currency's minor unit outside.

Amounts are ten-thousandths. `half_up` rounds a fraction to the minor unit, halves away from zero; cumulative amounts
are rounded and a period is their difference (I17), so periods add up to the total without a gap. `parts` splits an
amount by largest remainder, so that the parts add up to it exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache, lru_cache

from contracts.money import minor_units, split
from reconcile.revenue.evidence import AMOUNT

__all__ = ["decimal_of", "half_up", "parts", "quantity_decimal", "step_of"]


@cache
def step_of(currency: str) -> int:
    """Ten-thousandths in the minor unit of a currency: 100 for cents."""
    return int(AMOUNT // 10 ** minor_units(currency))


def half_up(numerator: int, denominator: int, step: int) -> int:
    """The fraction rounded to a whole number of steps, halves away from zero.

    >>> half_up(5_000_000, 3, 100), half_up(50, 1, 100), half_up(-50, 1, 100)
    (1666700, 100, -100)
    """
    if numerator < 0:
        return -half_up(-numerator, denominator, step)
    unit = denominator * step
    return (2 * numerator + unit) // (2 * unit) * step


def parts(total: int, weights: Sequence[int], currency: str) -> list[int]:
    """Shares of an amount by weight that add up to it exactly (largest remainder)."""
    if len(weights) == 1:
        return [total]
    step = step_of(currency)
    whole = half_up(total, 1, step)
    shares = [int(share.scaleb(4)) for share in split(Decimal(whole).scaleb(-4), weights, currency)]
    shares[0] += total - whole  # a price with more digits than its currency keeps them in one place
    return shares


@lru_cache(maxsize=50_000)
def decimal_of(amount: int) -> Decimal:
    """A scaled amount as the Decimal the warehouse stores; most balances stay what they were for months."""
    return Decimal(amount).scaleb(-4)


def quantity_decimal(quantity: int) -> Decimal:
    """A scaled quantity as the Decimal the warehouse stores."""
    return Decimal(quantity).scaleb(-8)
