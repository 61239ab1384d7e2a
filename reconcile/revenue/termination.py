"""Early end of an agreement: the final price is what was earned and the fee that is due (ASC 606-10-25-3; IFRS 15.11).

What was billed beyond the final price is owed back until it is credited; the rest of the contract value leaves the
backlog. An end that the books learn of in a later month changes that month alone: what they recognised for days after
it is taken back there. Work of the last day or before that is known later still raises the final price; work after it
earns nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.evidence import Event
from reconcile.revenue.modification import described
from reconcile.revenue.promise import Promise
from reconcile.revenue.rounding import decimal_of

__all__ = ["DELIVERIES", "is_delivered", "on_terminated", "work_until_end"]

#: Evidence of delivery that has a day, and counts only if that day is not after the end.
DELIVERIES = ("worked", "cost", "accepted", "completed")

Deliver = Callable[[Agreement, Event, Promise], None]


def is_delivered(agreement: Agreement) -> bool:
    """Whether nothing that was promised is left to be earned, so that the day of an early end moves no figure."""
    after = agreement.month.after
    return bool(agreement.promises) and all(
        promise.is_terminated
        or promise.is_finished(after)
        or (promise.method.axis != "resolved" and promise.earned(after) >= promise.price)
        for promise in agreement.promises.values()
    )


def on_terminated(agreement: Agreement, event: Event, deliver: Mapping[str, Deliver]) -> None:
    """Ends one obligation, or all that are open; the fee is revenue of the day, on the first of them."""
    ended = [
        promise
        for promise in agreement.promises.values()
        if not promise.is_terminated and event.obligation_key in (None, promise.key)
    ]
    if not ended:
        agreement.report(
            event, event.obligation_key, "nothing_to_terminate", "A termination without anything that is open",
            "Check the agreement it names.", event.amount,
        )  # fmt: skip
        return
    ordinal, effect = event.happened_on.toordinal() + 1, event.amount
    for promise in ended:
        effect += _back_to(agreement, event, promise, deliver)
        promise.ended, promise.ended_on = replace(promise), event.happened_on
        promise.settled = promise.earned(ordinal) - _beyond_cap(agreement, promise)
        promise.layers = []
        promise.uninstalled_plan = promise.uninstalled_done = 0
        promise.is_terminated = True
    ended[0].settled += event.amount
    if agreement.is_terminated:
        agreement.contract_gross.clear()
    agreement.decide(event, described("termination"), effect, key=event.obligation_key)


def _back_to(agreement: Agreement, event: Event, promise: Promise, deliver: Mapping[str, Deliver]) -> int:
    """Takes back what counted for days after the end, in months that are closed; returns that revenue (negative)."""
    first, ordinal, prior = agreement.month.first, event.happened_on.toordinal() + 1, promise.prior
    before = promise.earned(first)
    later = [done for done in promise.delivered if done.last_day > event.happened_on]
    for done in later:
        if done.kind == "completed":
            promise.is_complete = False
        else:
            deliver[done.kind](agreement, _reversed(done), promise)
            _report(agreement, done, promise, event.happened_on)
    promise.delivered = [done for done in promise.delivered if done.last_day <= event.happened_on]
    promise.prior = prior
    return agreement.caught_up(promise, promise.earned(min(ordinal, first)) - before)


def _reversed(event: Event) -> Event:
    cost = event.money("cost")
    own = {} if cost is None else {"cost": decimal_of(-cost)}
    return event._replace(amount=-event.amount, quantity=-event.quantity, attributes={**event.attributes, **own})


def _report(agreement: Agreement, done: Event, promise: Promise, ended_on: date) -> None:
    if done.kind in ("worked", "accepted"):
        agreement.report(
            done, promise.key, "delivered_after_end",
            f"{promise.key}: delivered on {done.happened_on}, and it ended on {ended_on}; nothing is recognised",
            "Correct the day of the work or of the end, or sign what was delivered since.",
            done.amount or None,
        )  # fmt: skip


def _beyond_cap(agreement: Agreement, promise: Promise) -> int:
    """Charged work that the cap of the whole agreement has no room for."""
    if agreement.room is None or promise.method.name != "as_charged":
        return 0
    value = promise.within_cap(promise.charged)
    promise.counted = min(value, promise.counted + agreement.room)
    return value - promise.counted


def work_until_end(agreement: Agreement, event: Event, promise: Promise, deliver: Deliver) -> None:
    """Delivery that is known after the end of its obligation: it counts as if it had been known on the last day."""
    then, ended_on = promise.ended, promise.ended_on
    if then is None or ended_on is None or event.kind not in DELIVERIES:
        return
    if event.last_day > ended_on:
        _report(agreement, event, promise, ended_on)
        return
    ordinal = ended_on.toordinal() + 1
    before = then.earned(ordinal)
    deliver(agreement, event, then)
    more = then.earned(ordinal) - before
    if agreement.room is not None and promise.method.name == "as_charged":
        more = min(more, agreement.room)
        promise.counted += more
    promise.settled += more
    promise.done, promise.spent = then.done, then.spent
