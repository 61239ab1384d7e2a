"""Variable amounts: estimated, re-estimated and resolved.

Each estimate replaces the one before (ASC 606-10-32-14, 32-42; IFRS 15.59, 87).
"""

from __future__ import annotations

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.evidence import Event
from reconcile.revenue.modification import described
from reconcile.revenue.price import Element, estimated, readable
from reconcile.revenue.promise import Promise
from reconcile.revenue.rounding import decimal_of, parts

__all__ = ["on_variable"]


def on_variable(agreement: Agreement, event: Event) -> None:
    """Takes a new estimate of an element into the price, over the obligations it belongs to."""
    message = readable(event) or ("" if event.text("element") else "a variable amount without the name of its element")
    if message:
        agreement.suspend(
            event, event.obligation_key, "unusable_estimate", message, "Correct the estimate.", event.amount
        )
        return
    found = estimated(event, agreement.policy.likelihood, agreement.step)
    before = agreement.elements.get(found.name, Element(found.name, 0, 0))
    is_reduction = min(found.gross, before.gross) < 0
    shares = _shares(agreement, event, found, found.included - before.included, is_reduction=is_reduction)
    if shares is None:
        message, then = _nothing_carries(agreement, found)
        agreement.suspend(event, event.obligation_key, "no_target", message, then, event.amount)
        return
    effect = 0
    for promise, delta in shares:
        effect += agreement.repriced(promise, delta, is_reduction=is_reduction)
        promise.variable += delta
        if promise.method.axis == "resolved" and event.text("outcome") == "resolved":
            promise.is_complete = True
    agreement.elements[found.name] = found
    if effect or before.gross or before.included:
        agreement.decide(event, described("re_estimate"), effect, key=event.obligation_key)


def _nothing_carries(agreement: Agreement, found: Element) -> tuple[str, str]:
    """Why a variable amount has no obligation, and what to do."""
    amount = f"the variable amount '{found.name}' ({decimal_of(found.gross):.2f})"
    if not any(promise.method.right_to_invoice for promise in agreement.promises.values()):
        return f"Nothing carries {amount}", "Name the obligation it belongs to."
    if found.gross >= 0:
        return (
            f"No line with a price of its own carries {amount}: the work is charged as it is done, and the right to "
            "invoice (ASC 606-10-55-18; IFRS 15.B16) does not cover what does not follow the hours"
        ), "State it as an element of its own that is earned when its outcome is known (success_fee)."
    return (
        f"Nobody says how much work is agreed of the lines that are charged by the hour, so that no part of {amount} "
        "belongs to what was done"
    ), "State the estimate or the cap of these lines, or the line with a fixed price that it belongs to."


def _shares(
    agreement: Agreement, event: Event, found: Element, delta: int, *, is_reduction: bool
) -> list[tuple[Promise, int]] | None:
    """Who gets what of the change: its targets, or the obligations of its pool in the split at inception."""
    targets = [agreement.promise_named(str(key)) for key in event.attributes.get("targets", ())] or [
        agreement.promise_named(event.obligation_key) if event.obligation_key else None
    ]
    named = [promise for promise in targets if promise is not None]
    if named and not all(promise.layers or promise.is_terminated for promise in named):
        return None
    if named:
        weights = [promise.ssp or promise.stated or 1 for promise in named]
        if not all(promise.method.axis == "resolved" for promise in named):
            agreement.contract_gross[found.name] = max(found.gross, 0)
        return list(zip(named, parts(delta, weights, event.currency), strict=True))
    agreement.contract_gross[found.name] = max(found.gross, 0)
    pool = agreement.pool_of.get(found.name) or (agreement.pools[-1] if agreement.pools else None)
    if pool is not None:
        agreement.pool_of[found.name] = pool
        return list(pool.change(delta))
    own = [promise for promise in agreement.promises.values() if promise.layers]
    if is_reduction:
        own = [promise for promise in own if promise.method.axis != "resolved"]
    if len(own) == 1:
        return [(own[0], delta)]
    return None if own or not is_reduction else _of_charged(agreement, event, delta)


def _of_charged(agreement: Agreement, event: Event, delta: int) -> list[tuple[Promise, int]] | None:
    """A penalty on work that is charged: over its lines, by the work agreed of each.

    What an hour is invoiced at is not what the customer will pay for it in the end: the right to invoice (ASC
    606-10-55-18; IFRS 15.B16) is no measure of such work. Its price is the work agreed less the penalty, as far as it
    counts, and is earned by progress; what is billed of it and will be given back is a refund liability (32-10).
    """
    charged = [
        promise
        for promise in agreement.promises.values()
        if promise.method.name == "as_charged" and (promise.committed > 0 or promise.is_terminated)
    ]
    if not any(promise.committed > 0 for promise in charged):
        return None
    amounts = parts(delta, [max(promise.committed, 0) for promise in charged], event.currency)
    return list(zip(charged, amounts, strict=True))
