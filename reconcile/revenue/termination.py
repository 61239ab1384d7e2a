"""Early end of an agreement: the final price is what was earned and the fee that is due (ASC 606-10-25-3; IFRS 15.11).

What was billed beyond the final price is owed back until it is credited; the rest of the contract value leaves the
backlog. Work of the last day or before that is known later still raises the final price; work after it earns nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.evidence import Event
from reconcile.revenue.modification import described
from reconcile.revenue.promise import Promise

__all__ = ["on_terminated", "work_until_end"]


def on_terminated(agreement: Agreement, event: Event) -> None:
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
    ordinal = max(event.happened_on.toordinal(), agreement.month.first) + 1
    for promise in ended:
        promise.ended, promise.ended_on = replace(promise), event.happened_on
        promise.settled = promise.earned(ordinal) - _beyond_cap(agreement, promise)
        promise.layers = []
        promise.uninstalled_plan = promise.uninstalled_done = 0
        promise.is_terminated = True
    ended[0].settled += event.amount
    if agreement.is_terminated:
        agreement.contract_gross.clear()
    agreement.decide(event, described("termination"), event.amount, key=event.obligation_key)


def _beyond_cap(agreement: Agreement, promise: Promise) -> int:
    """Charged work that the cap of the whole agreement has no room for."""
    if agreement.room is None or promise.method.name != "as_charged":
        return 0
    value = promise.within_cap(promise.charged)
    promise.counted = min(value, promise.counted + agreement.room)
    return value - promise.counted


def work_until_end(
    agreement: Agreement, event: Event, promise: Promise, deliver: Callable[[Agreement, Event, Promise], None]
) -> None:
    """Delivery that is known after the end of its obligation: it counts as if it had been known on the last day."""
    then, ended_on = promise.ended, promise.ended_on
    if then is None or ended_on is None or event.kind not in ("worked", "cost", "accepted"):
        return
    if event.happened_on > ended_on:
        if event.kind != "cost":
            agreement.report(
                event, promise.key, "delivered_after_end",
                f"{promise.key}: delivered on {event.happened_on}, and it ended on {ended_on}; nothing is recognised",
                "Correct the day of the work or of the end, or sign what was delivered since.",
                event.amount or None,
            )  # fmt: skip
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
