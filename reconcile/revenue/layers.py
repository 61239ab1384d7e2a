"""Revenue in the functional currency when part of it was paid in advance (IFRIC 22; ASC 830-10-55-10).

An advance in foreign currency is a non-monetary liability: the rate of the day it is first recognised, one layer a
receipt, is the rate of the revenue it pays for. Layers are used first in, first out; other revenue takes the rate of
its period. What ordinary invoices bill beyond revenue is a layer at the rate of the invoice; where it states none, at
that of the period in which it arises. Work that is earned as it is charged has layers of its own: its bills pay for
nothing else.
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
    """Rates known so far (hundred-millionths of functional currency per unit) and open layers [amount, rate].

    Layers are kept by whether the obligations they pay for wait for nothing but time.
    """

    functional: str = ""
    known: list[tuple[date, int]] = field(default_factory=list)
    layers: dict[bool, list[list[int]]] = field(default_factory=lambda: {False: [], True: []})

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

    def advance(self, received: Iterable[tuple[int, int]], ordinal: int, *, time_only: bool) -> None:
        """Opens a layer for every advance, at the rate of its receipt or invoice."""
        for amount, rate in received:
            at = rate or self.on(ordinal)
            if at is not None and amount > 0:
                self.layers[time_only].append([amount, at])

    def functional_amount(self, revenue: int, ordinal: int, *, time_only: bool) -> int | None:
        """Revenue of a period in functional currency: layers first, the rest at the rate of the period."""
        exact, rest, layers = 0, revenue, self.layers[time_only]
        while rest > 0 and layers:
            amount, rate = layers[0]
            used = min(rest, amount)
            exact, rest = exact + used * rate, rest - used
            layers[0][0] -= used
            if not layers[0][0]:
                layers.pop(0)
        rate_now = self.on(ordinal)
        if rest and rate_now is None:
            return None
        return half_up(exact + rest * (rate_now or 0), QUANTITY, step_of(self.functional))

    def close(self, liability: int, ordinal: int, *, time_only: bool) -> None:
        """Brings the layers to what is billed ahead: more is a new layer, less leaves the newest."""
        layers = self.layers[time_only]
        excess = liability - sum(amount for amount, _ in layers)
        rate = self.on(ordinal)
        if excess > 0 and rate is not None:
            layers.append([excess, rate])
        while excess < 0 and layers:
            cut = min(-excess, layers[-1][0])
            layers[-1][0] -= cut
            excess += cut
            if not layers[-1][0]:
                layers.pop()
