"""What is known of signed lines beyond their export: stand-alone selling prices, and by what a line is earned.

Both are stated apart from the signed lines and join them here.

What a version brings is priced as of the day it is signed (ASC 606-10-32-32, 32-43; IFRS 15.77, 88): a price belongs to
the first version of its line that is signed on its day or after it. Later prices change no split that was made.

By what a line is earned holds for all its versions; of two the later day counts. A measure stated as of a day after the
signature is a change in how progress is measured, a change in estimate (ASC 250-10-45-17, 606-10-25-35; IAS 8.36,
IFRS 15.43). Only what has a fixed price is measured: work charged by the hour, expenses and success fees are not.

What becomes known after its line counts in the month in which it does: months before keep what they had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.methods import FIXED_PRICE
from reconcile.revenue.evidence import Event, in_order
from reconcile.revenue.methods import METHODS
from reconcile.revenue.rounding import decimal_of

__all__ = ["STATED_KINDS", "StatedTerms", "selling_price"]

#: Kinds of evidence that say something of a signed line.
STATED_KINDS = ("ssp", "method")
#: What a stated price says of a signed line.
_SAYS = ("ssp_low", "ssp_high", "ssp_method", "bundle", "bundle_price")


def selling_price(line: Event) -> int | None:
    """The stand-alone selling price of a signed line: its own price where that is inside the range, else the point."""
    point, low, high = line.money("ssp"), line.money("ssp_low"), line.money("ssp_high")
    if point is not None and low is not None and high is not None and low <= line.amount <= high:
        return line.amount
    return point


@dataclass
class StatedTerms:
    """The terms stated for the lines of one agreement.

    `by_line`: by version, line and kind, in the order in which they count. `late`: the months in which one became known
    after its line. `unused`: prices of lines that were signed without one before their day.
    """

    by_line: dict[tuple[int, str, str], list[Event]] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    unused: list[tuple[Event, Event]] = field(default_factory=list)

    @classmethod
    def of(cls, events: Sequence[Event]) -> tuple[StatedTerms, list[Event]]:
        """The terms, and the events of their agreement: a term is among them from the month on in which it counts."""
        terms = cls()
        stated = [event for event in events if _is_stated(event)]
        if not stated:
            return terms, list(events)
        signed = [event for event in events if _is_signed(event)]
        counting: list[Event] = []
        for event in sorted(stated, key=lambda event: (event.happened_on, event.period, event.source, event.written)):
            own = [line for line in signed if line.obligation_key == event.obligation_key]
            joined = terms._price(event, own) if event.kind == "ssp" else terms._method(event, own)
            counting += [joined] if joined is not None else []
        return terms, in_order([*(event for event in events if not _is_stated(event)), *counting])

    def known(self, events: Iterable[Event], through: str) -> list[Event]:
        """Events with the terms on their signed lines that were known by a month, or were when the line was signed."""
        if not self.by_line:
            return list(events)
        return [self._with_terms(event, through) if event.kind == "signed" else event for event in events]

    def _price(self, event: Event, own: Sequence[Event]) -> Event | None:
        """The price from the month on in which it counts; None where it is of nothing that was signed."""
        line = next((line for line in own if line.happened_on >= event.happened_on), None)
        if line is None:
            if own and own[0].money("ssp") is None and _key(own[0], event) not in self.by_line:
                self.unused.append((event, own[0]))
            return None
        price = event._replace(period=max(event.period, line.period))
        if line.money("ssp") not in (None, event.amount):
            return _stated_twice(price, line)
        self._join(price, line)
        return price

    def _method(self, event: Event, own: Sequence[Event]) -> Event | None:
        """The method from the month on in which it counts; None where nobody signed the line yet."""
        if not own:
            return None
        method = event._replace(period=max(event.period, own[0].period))
        if event.text("method") not in FIXED_PRICE:
            return _measures_nothing(method)
        if _is_priced_otherwise(own[0]):
            return _priced_otherwise(method, own[0])
        for line in own:
            self._join(method, line)
        return method

    def _join(self, event: Event, line: Event) -> None:
        self.by_line.setdefault(_key(line, event), []).append(event)
        if event.period > line.period:
            self.late.add(event.period)

    def _with_terms(self, line: Event, through: str) -> Event:
        says: dict[str, Any] = {}
        price, method = (self._known_of(line, kind, through) for kind in STATED_KINDS)
        if price is not None:
            says |= {name: price.attributes[name] for name in _SAYS if price.text(name)}
            says |= {"ssp": decimal_of(price.amount)} if price.amount else {}
        if method is not None:
            says["method"] = method.text("method")
        return line._replace(attributes={**line.attributes, **says}) if says else line

    def _known_of(self, line: Event, kind: str, through: str) -> Event | None:
        stated = self.by_line.get((line.version_no or 0, line.obligation_key or "", kind), ())
        return next((event for event in reversed(stated) if event.period <= max(through, line.period)), None)


def _is_stated(event: Event) -> bool:
    return event.kind in STATED_KINDS and not event.text("problem")


def _is_signed(event: Event) -> bool:
    return event.kind == "signed" and event.flag("is_signed", default=True) and not event.text("problem")


def _key(line: Event, event: Event) -> tuple[int, str, str]:
    return line.version_no or 0, line.obligation_key or "", event.kind


def _is_priced_otherwise(line: Event) -> bool:
    """Not at a fixed price: charged as it comes, or paid for an outcome."""
    method = METHODS.get(line.text("method"))
    return method is not None and not method.in_pool


def _unusable(event: Event, problem: str, message: str, then: str) -> Event:
    """The event as one that cannot be used."""
    return event._replace(attributes={**event.attributes, "problem": problem, "message": message, "then": then})


def _stated_twice(event: Event, line: Event) -> Event:
    there = decimal_of(line.money("ssp") or 0)
    return _unusable(
        event, "stated_by_exports",
        f"The stand-alone selling price of {event.obligation_key} is {there:.2f} in {line.connection}, and "
        f"is stated as {decimal_of(event.amount):.2f}",
        "Correct it where it is stated with the line, and take the other out.",
    )  # fmt: skip


def _priced_otherwise(event: Event, line: Event) -> Event:
    return _unusable(
        event, "priced_otherwise",
        f"{event.obligation_key} is stated to be earned by '{event.text('method')}', and it has no fixed price: it is "
        f"earned as '{line.text('method')}'",
        "Take the entry out: work charged by the hour, expenses and success fees follow their own price.",
    )  # fmt: skip


def _measures_nothing(event: Event) -> Event:
    return _unusable(
        event, "unknown_method",
        f"{event.obligation_key} is stated to be earned by '{event.text('method')}', which measures no fixed price",
        f"Choose one of {', '.join(FIXED_PRICE)}.",
    )  # fmt: skip
