"""Stand-alone selling prices that are stated apart from the signed lines they are of.

What a version brings is priced as of the day it is signed (ASC 606-10-32-32, 32-43; IFRS 15.77, 88): a price belongs to
the first version of its line that is signed on its day or after it. Later prices change no split that was made. One
that becomes known after its version counts in the month in which it does: months before keep the split they had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconcile.revenue.evidence import Event, in_order
from reconcile.revenue.rounding import decimal_of

__all__ = ["SellingPrices", "selling_price"]

#: What a stated price says of a signed line.
_SAYS = ("ssp_low", "ssp_high", "ssp_method", "bundle", "bundle_price")


def selling_price(line: Event) -> int | None:
    """The stand-alone selling price of a signed line: its own price where that is inside the range, else the point."""
    point, low, high = line.money("ssp"), line.money("ssp_low"), line.money("ssp_high")
    if point is not None and low is not None and high is not None and low <= line.amount <= high:
        return line.amount
    return point


@dataclass(frozen=True)
class SellingPrices:
    """The prices stated for the lines of one agreement.

    `by_line`: by version and line, in the order in which they count. `late`: the months in which one became known after
    its version. `unused`: prices of lines that were signed without one before their day.
    """

    by_line: Mapping[tuple[int, str], Sequence[Event]]
    late: tuple[str, ...] = ()
    unused: tuple[tuple[Event, Event], ...] = ()

    @classmethod
    def of(cls, events: Sequence[Event]) -> tuple[SellingPrices, list[Event]]:
        """The prices, and the events of their agreement: a price is among them from the month on in which it counts."""
        stated = [event for event in events if _is_price(event)]
        if not stated:
            return cls({}), list(events)
        signed = [event for event in events if _is_signed(event)]
        by_line: dict[tuple[int, str], list[Event]] = {}
        late: set[str] = set()
        unused: list[tuple[Event, Event]] = []
        counting: list[Event] = []
        for event in sorted(stated, key=lambda event: (event.happened_on, event.period, event.source, event.written)):
            own = [line for line in signed if line.obligation_key == event.obligation_key]
            line = next((line for line in own if line.happened_on >= event.happened_on), None)
            if line is None:
                if own and not _is_priced(own[0], by_line):
                    unused.append((event, own[0]))
                continue
            price = replace(event, period=max(event.period, line.period))
            if line.money("ssp") not in (None, event.amount):
                price = _stated_twice(price, line)
            else:
                by_line.setdefault(_key(line), []).append(price)
                if price.period > line.period:
                    late.add(price.period)
            counting.append(price)
        others = [event for event in events if not _is_price(event)]
        return cls(by_line, tuple(sorted(late)), tuple(unused)), in_order([*others, *counting])

    def known(self, events: Iterable[Event], through: str) -> list[Event]:
        """Events with the prices on their signed lines that were known by a month, or were when the line was signed."""
        if not self.by_line:
            return list(events)
        return [self._priced(event, through) if event.kind == "signed" else event for event in events]

    def _priced(self, line: Event, through: str) -> Event:
        known = [price for price in self.by_line.get(_key(line), ()) if price.period <= max(through, line.period)]
        if not known:
            return line
        price = known[-1]
        says: dict[str, Any] = {name: price.attributes[name] for name in _SAYS if price.text(name)}
        if price.amount:
            says["ssp"] = decimal_of(price.amount)
        return replace(line, attributes={**line.attributes, **says})


def _is_price(event: Event) -> bool:
    return event.kind == "ssp" and not event.text("problem")


def _is_signed(event: Event) -> bool:
    return event.kind == "signed" and event.flag("is_signed", default=True) and not event.text("problem")


def _key(line: Event) -> tuple[int, str]:
    return line.version_no or 0, line.obligation_key or ""


def _is_priced(line: Event, by_line: Mapping[tuple[int, str], Sequence[Event]]) -> bool:
    return line.money("ssp") is not None or _key(line) in by_line


def _stated_twice(event: Event, line: Event) -> Event:
    """The price as one that cannot be used."""
    there = decimal_of(line.money("ssp") or 0)
    says = {
        "problem": "stated_by_exports",
        "message": f"The stand-alone selling price of {event.obligation_key} is {there:.2f} in {line.connection}, and "
        f"is stated as {decimal_of(event.amount):.2f}",
        "then": "Correct it where it is stated with the line, and take the other out.",
    }
    return replace(event, attributes={**event.attributes, **says})
