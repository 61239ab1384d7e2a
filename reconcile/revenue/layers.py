"""Revenue in the functional currency when part of it was paid in advance (IFRIC 22; ASC 830-10-55-10).

An advance in foreign currency is a non-monetary liability: the rate of the day it is first recognised, one layer a
receipt, is the rate of the revenue it pays for. Layers are used first in, first out; other revenue takes the rate of
its period. A liability that arises from ordinary invoices is a layer at the rate of the period in which it arises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from reconcile.revenue.evidence import QUANTITY, Event
from reconcile.revenue.rounding import half_up, quantity_decimal, step_of

__all__ = ["Rates"]


@dataclass(slots=True)
class Rates:
    """Rates known so far (hundred-millionths of functional currency per unit) and open layers [amount, rate]."""

    functional: str = ""
    known: list[tuple[date, int]] = field(default_factory=list)
    layers: list[list[int]] = field(default_factory=list)

    def learn(self, event: Event) -> str:
        """Takes a `rate` event; says what is wrong with it, if anything."""
        rate = event.quantity or event.amount * (QUANTITY // 10_000)
        if rate <= 0:
            return f"The rate of {event.happened_on} is not positive"
        for day, known in self.known:
            if day == event.happened_on and known != rate:
                return (
                    f"Two rates for {event.happened_on}: {quantity_decimal(known):.6f} and {quantity_decimal(rate):.6f}"
                )
        self.functional = event.text("functional_currency") or self.functional
        self.known.append((event.happened_on, rate))
        self.known.sort()
        return ""

    def on(self, ordinal: int) -> int | None:
        """The latest rate before a day."""
        return next((rate for day, rate in reversed(self.known) if day.toordinal() < ordinal), None)

    def advance(self, received: Iterable[tuple[int, int]], ordinal: int) -> None:
        """Opens a layer for every advance, at the rate of its receipt."""
        for amount, rate in received:
            at = rate or self.on(ordinal)
            if at is not None and amount > 0:
                self.layers.append([amount, at])

    def functional_amount(self, revenue: int, ordinal: int) -> int | None:
        """Revenue of a period in functional currency: layers first, the rest at the rate of the period."""
        exact, rest = 0, revenue
        while rest > 0 and self.layers:
            amount, rate = self.layers[0]
            used = min(rest, amount)
            exact, rest = exact + used * rate, rest - used
            self.layers[0][0] -= used
            if not self.layers[0][0]:
                self.layers.pop(0)
        rate_now = self.on(ordinal)
        if rest and rate_now is None:
            return None
        return half_up(exact + rest * (rate_now or 0), QUANTITY, step_of(self.functional))

    def close(self, contract_liability: int, ordinal: int) -> None:
        """Brings the layers to the contract liability: more is a new layer, less leaves the newest."""
        excess = contract_liability - sum(amount for amount, _ in self.layers)
        rate = self.on(ordinal)
        if excess > 0 and rate is not None:
            self.layers.append([excess, rate])
        while excess < 0 and self.layers:
            cut = min(-excess, self.layers[-1][0])
            self.layers[-1][0] -= cut
            excess += cut
            if not self.layers[-1][0]:
                self.layers.pop()
