"""Revenue in the functional currency when part of it was paid in advance (IFRIC 22; ASC 830-10-55-10).

An advance in foreign currency is a non-monetary liability: the rate of the day it is first recognised, one layer a
receipt, is the rate of the revenue it pays for. Layers are used first in, first out; other revenue takes the rate of
its period. Revenue that is taken back goes back the way it came: what was earned at the rate of its period first, at
the rate of today, then into the layer used last, at its rate. What ordinary invoices bill beyond revenue is a layer at
the rate of the invoice; where it states none, at that of the period in which it arises. Work that is earned as it is
charged has layers of its own: its bills pay for nothing else.
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

    Layers are kept by whether the obligations they pay for wait for nothing but time; so is what revenue used of them,
    the latest last (rate None: the rate of its period).
    """

    functional: str = ""
    known: list[tuple[date, int]] = field(default_factory=list)
    layers: dict[bool, list[list[int]]] = field(default_factory=lambda: {False: [], True: []})
    used: dict[bool, list[tuple[int, int | None]]] = field(default_factory=lambda: {False: [], True: []})

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
        """Revenue of a period in functional currency: by layers first, the rest at the rate of the period."""
        exact, rest = self._take(revenue, time_only) if revenue > 0 else self._give_back(-revenue, time_only)
        rate_now = self.on(ordinal)
        if rest and rate_now is None:
            return None
        return half_up(exact + rest * (rate_now or 0), QUANTITY, step_of(self.functional))

    def _take(self, revenue: int, time_only: bool) -> tuple[int, int]:
        """What layers pay for, at their rates, and the revenue they do not."""
        exact, rest, layers, used = 0, revenue, self.layers[time_only], self.used[time_only]
        while rest and layers:
            amount, rate = layers[0]
            part = min(rest, amount)
            exact, rest = exact + part * rate, rest - part
            used.append((part, rate))
            layers[0][0] -= part
            if not layers[0][0]:
                layers.pop(0)
        if rest:
            used.append((rest, None))
        return exact, rest

    def _give_back(self, revenue: int, time_only: bool) -> tuple[int, int]:
        """The opposite: what returns to layers, at their rates, and what does not; both negative."""
        exact, rest, left, used = 0, 0, revenue, self.used[time_only]
        while left and used:
            amount, rate = used.pop()
            part = min(left, amount)
            left -= part
            if amount > part:
                used.append((amount - part, rate))
            if rate is None:
                rest += part
            else:
                exact += part * rate
                self.layers[time_only].insert(0, [part, rate])
        return -exact, -rest - left

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
