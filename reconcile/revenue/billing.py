"""What is billed and owed: invoices that count, credit memos and cash (identities I3 and I9).

An invoice counts when the customer owes it or has paid it. An advance invoice that can be cancelled counts as far as
it is paid; one that cannot counts from its due date, or earlier as far as it is paid (ASC 606-10-45-2; IFRS 15.106;
Example 38). Whether an invoice can be cancelled may be said of it by its number, before it is posted or after: one that
can be is a memo from then on, whatever it was taken for (606-10-45-4; IFRS 15.108). Sales tax is owed and is no
revenue; so is what an agent collects for others.
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
    """An invoice; one in advance, or one that can be cancelled, is a memo until it is due or paid."""

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
    #: Invoices that counted when they were posted, and what was said of invoices by their numbers.
    ordinary: list[Advance] = field(default_factory=list)
    cancellable: dict[str, bool] = field(default_factory=dict)
    #: What became a liability in this month, by advance and by ordinary invoice: obligation, amount, rate.
    newly_advanced: list[tuple[Promise | None, int, int]] = field(default_factory=list)
    newly_billed: list[tuple[Promise | None, int, int]] = field(default_factory=list)

    def invoice(self, event: Event, promise: Promise | None, *, wait_until_due: bool) -> None:
        """Books an invoice; an advance invoice waits until it counts."""
        extra = (event.money("tax") or 0) + (event.money("pass_through") or 0)
        document, rate = event.text("document"), event.number("rate") or 0
        is_advance, due_on = event.flag("advance"), max(event.day("due_on") or event.happened_on, event.happened_on)
        stated = self.cancellable.get(document)
        cancellable = is_advance and event.flag("cancellable") if stated is None else stated
        waits = is_advance and wait_until_due
        if not waits:
            due_on = event.happened_on
        invoice = Advance(document, promise, event.amount, extra, due_on, cancellable, rate=rate)
        if waits or cancellable:
            self.advances.append(invoice)
            return
        self.count(event.amount, extra, promise)
        self.newly_billed.append((promise, event.amount, rate))
        invoice.counted, invoice.counted_extra = event.amount, extra
        self.ordinary.append(invoice)

    def judge(self, event: Event) -> None:
        """Takes what is said of an invoice: whether it can be cancelled, from now on."""
        document, cancellable = event.text("document"), event.flag("cancellable")
        self.cancellable[document] = cancellable
        if cancellable:
            self.advances += [invoice for invoice in self.ordinary if invoice.document == document]
            self.ordinary = [invoice for invoice in self.ordinary if invoice.document != document]
        for invoice in self.advances:
            if invoice.document == document:
                invoice.is_cancellable = cancellable

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
        advance = next(iter(self._named(self.advances, event, promise)), None)
        if advance is not None:
            advance.net -= event.amount
            advance.extra -= extra
            return
        self.count(-event.amount, -extra, promise)
        for invoice in self._named(self.ordinary, event, promise)[:1]:
            invoice.net -= event.amount
            invoice.extra -= extra
            invoice.counted -= event.amount
            invoice.counted_extra -= extra

    def receive(self, event: Event) -> None:
        """Applies cash: to the advance it names, else to what is owed and then to advances in their order."""
        spare = event.amount - max(0, self.receivable)
        self.cash += event.amount
        self.receivable -= event.amount
        rate = event.number("rate") or 0
        named = self._named(self.advances, event)
        if named:
            _pay(named, event.amount, rate)
            return
        _pay(self._named(self.ordinary, event), event.amount, 0)
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

    @staticmethod
    def _named(invoices: list[Advance], event: Event, promise: Promise | None = None) -> list[Advance]:
        """The lines of the invoice an event names; those of its obligation first."""
        document = event.text("document")
        found = [invoice for invoice in invoices if document and invoice.document == document]
        return sorted(found, key=lambda invoice: invoice.promise is not promise) if promise else found


def _pay(invoices: list[Advance], amount: int, rate: int) -> None:
    """Cash on the lines of an invoice, one after the other; the last takes what is left."""
    for invoice in invoices:
        room = max(0, invoice.net + invoice.extra - invoice.paid)
        take = amount if invoice is invoices[-1] else min(amount, room)
        if take:
            invoice.paid += take
            invoice.rate = rate or invoice.rate
            amount -= take
