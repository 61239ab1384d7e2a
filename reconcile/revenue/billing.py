"""What is billed and owed: invoices that count, credit memos and cash (identities I3 and I9).

An invoice counts when the customer owes it or has paid it. An advance invoice that can be cancelled counts as far as
it is paid; one that cannot counts from its due date, or earlier as far as it is paid (ASC 606-10-45-2; IFRS 15.106;
Example 38). Sales tax is owed and is no revenue; so is what an agent collects for others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from reconcile.revenue.evidence import Event
from reconcile.revenue.promise import Promise
from reconcile.revenue.rounding import half_up

__all__ = ["Advance", "Ledger"]


@dataclass(slots=True)
class Advance:
    """An advance invoice that is a memo until it is due or paid."""

    document: str
    promise: Promise | None
    net: int
    extra: int
    due_on: date
    is_cancellable: bool
    paid: int = 0
    counted: int = 0
    counted_extra: int = 0
    rate: int = 0

    def countable(self, ordinal: int, step: int) -> int:
        """Net amount that counts at the beginning of a day."""
        if not self.is_cancellable and self.due_on.toordinal() < ordinal:
            return self.net
        gross = self.net + self.extra
        return half_up(self.net * min(self.paid, gross), gross, step) if gross > 0 else 0


@dataclass(slots=True)
class Ledger:
    """Billed net, receivable with tax, and cash of one agreement. `unkeyed` names no obligation."""

    step: int
    billed: int = 0
    unkeyed: int = 0
    receivable: int = 0
    cash: int = 0
    advances: list[Advance] = field(default_factory=list)
    #: What became a liability in this month, by advance and by ordinary invoice: obligation, amount, rate.
    newly_advanced: list[tuple[Promise | None, int, int]] = field(default_factory=list)
    newly_billed: list[tuple[Promise | None, int, int]] = field(default_factory=list)

    def invoice(self, event: Event, promise: Promise | None, *, wait_until_due: bool) -> None:
        """Books an invoice; an advance invoice waits until it counts."""
        extra = (event.money("tax") or 0) + (event.money("pass_through") or 0)
        if event.flag("advance") and (wait_until_due or event.flag("cancellable")):
            due_on = max(event.day("due_on") or event.happened_on, event.happened_on)
            document = event.text("document")
            cancellable = event.flag("cancellable")
            rate = event.number("rate") or 0
            self.advances.append(Advance(document, promise, event.amount, extra, due_on, cancellable, rate=rate))
            return
        self.count(event.amount, extra, promise)
        self.newly_billed.append((promise, event.amount, event.number("rate") or 0))

    def count(self, net: int, extra: int, promise: Promise | None) -> None:
        """Adds an amount that counts (negative: takes it back)."""
        self.billed += net
        self.receivable += net + extra
        if promise is None:
            self.unkeyed += net
        else:
            promise.billed += net

    def credit(self, event: Event, promise: Promise | None) -> None:
        """Takes back a credit memo, from the advance invoice it names or from what is billed."""
        extra = (event.money("tax") or 0) + (event.money("pass_through") or 0)
        advance = self._advance(event)
        if advance is None:
            self.count(-event.amount, -extra, promise)
        else:
            advance.net -= event.amount
            advance.extra -= extra

    def receive(self, event: Event) -> None:
        """Applies cash: to the advance it names, else to what is owed and then to advances in their order."""
        spare = event.amount - max(0, self.receivable)
        self.cash += event.amount
        self.receivable -= event.amount
        rate = event.number("rate") or 0
        named = self._advance(event)
        if named is not None:
            named.paid += event.amount
            named.rate = rate or named.rate
            return
        for advance in self.advances:
            take = min(spare, advance.net + advance.extra - advance.paid)
            if take > 0:
                advance.paid += take
                advance.rate = rate or advance.rate
                spare -= take

    def settle(self, ordinal: int) -> None:
        """Counts the advance invoices that have become due or were paid before a day."""
        self.newly_advanced.clear()
        for advance in self.advances:
            delta = advance.countable(ordinal, self.step) - advance.counted
            if delta:
                advance.counted += delta
                extra = half_up(advance.extra * advance.counted, advance.net, 1) if advance.net else 0
                self.count(delta, extra - advance.counted_extra, advance.promise)
                advance.counted_extra = extra
                self.newly_advanced.append((advance.promise, delta, advance.rate))

    def _advance(self, event: Event) -> Advance | None:
        document = event.text("document")
        return next((advance for advance in self.advances if document and advance.document == document), None)
