"""Early end of an agreement: the final price is what was earned and the fee that is due (ASC 606-10-25-3; IFRS 15.11).

What was billed beyond the final price is owed back until it is credited; the rest of the contract value leaves the
backlog.
"""

from __future__ import annotations

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.evidence import Event
from reconcile.revenue.modification import described

__all__ = ["on_terminated"]


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
        promise.settled = promise.earned(ordinal)
        promise.layers = []
        promise.uninstalled_plan = promise.uninstalled_done = 0
        promise.is_terminated = True
    ended[0].settled += event.amount
    if agreement.is_terminated:
        agreement.contract_gross.clear()
    agreement.decide(event, described("termination"), event.amount, key=event.obligation_key)
