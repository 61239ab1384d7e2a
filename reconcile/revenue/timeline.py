"""One agreement through time: events of each period in order, then its rows at the period end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.amend import amend
from reconcile.revenue.evidence import Event
from reconcile.revenue.price import PRICE_REASONS
from reconcile.revenue.promise import Promise
from reconcile.revenue.rounding import parts
from reconcile.revenue.signing import open_agreement
from reconcile.revenue.termination import DELIVERIES, is_delivered, on_terminated, work_until_end
from reconcile.revenue.variable import on_variable
from reconcile.revenue.work import on_accepted, on_completed, on_cost, on_estimate, on_scheduled, on_worked

__all__ = ["apply"]

_DELIVERY: Mapping[str, Callable[[Agreement, Event, Promise], None]] = {
    "worked": on_worked,
    "estimate": on_estimate,
    "cost": lambda _, event, promise: on_cost(event, promise),
    "accepted": lambda _, event, promise: on_accepted(event, promise),
    "scheduled": lambda _, event, promise: on_scheduled(event, promise),
    "completed": lambda _, event, promise: on_completed(event, promise),
}


def apply(agreement: Agreement, events: Sequence[Event]) -> None:
    """Applies the events of one period, which come in order."""
    agreement.submitted.clear()
    for promise in agreement.promises.values():
        promise.open_period()
    done: set[int] = set()
    for event in events:
        if event.kind == "signed":
            version = event.version_no or 0
            if version not in done:
                done.add(version)
                _sign(agreement, [e for e in events if e.kind == "signed" and (e.version_no or 0) == version])
        else:
            _take(agreement, event)


def _take(agreement: Agreement, event: Event) -> None:
    _count(agreement, event)
    reported = event.text("problem")
    if reported or event.kind == "unusable":
        _unusable(agreement, event, reported)
    elif _in_another_currency(agreement, event):
        return
    elif event.kind in _DELIVERY:
        _deliver(agreement, event)
    elif event.kind == "terminated":
        on_terminated(agreement, event, _DELIVERY)
    else:
        _OTHERS[event.kind](agreement, event)


def _count(agreement: Agreement, event: Event) -> None:
    counts = agreement.counts.setdefault(event.obligation_key, {})
    counts[event.kind] = counts.get(event.kind, 0) + 1


def _unusable(agreement: Agreement, event: Event, reported: str) -> None:
    if event.kind == "terminated" and is_delivered(agreement):
        return
    message = event.text("message") or f"The evidence is marked {reported}"
    then = event.text("then") or "Correct the record in its system; it is computed again from the next run on."
    agreement.suspend(
        event, event.obligation_key, reported or "unreadable_evidence", message, then, event.amount or None
    )


def _deliver(agreement: Agreement, event: Event) -> None:
    if event.kind == "worked" and not event.flag("approved", default=True):
        agreement.submitted.append(event)
        return
    promise = agreement.promise_of(event)
    if promise is not None:
        _deliver_to(agreement, event, promise)
    elif event.kind == "completed" and event.obligation_key is None and agreement.promises:
        for each in agreement.promises.values():
            _deliver_to(agreement, event, each)
    else:
        agreement.waiting.append(event)


def _deliver_to(agreement: Agreement, event: Event, promise: Promise) -> None:
    if promise.is_suspended:
        return
    if promise.is_terminated:
        work_until_end(agreement, event, promise, _DELIVERY[event.kind])
        return
    _DELIVERY[event.kind](agreement, event, promise)
    if event.kind in DELIVERIES:
        promise.delivered.append(event)


def _sign(agreement: Agreement, lines: Sequence[Event]) -> None:
    for line in lines:
        _count(agreement, line)
    usable = [line for line in lines if _is_usable(agreement, line)]
    signed = [line for line in usable if line.flag("is_signed", default=True)]
    if not usable:
        return
    if not agreement.versions and signed and (usable[0].version_no or 0) > 1:
        agreement.suspend(
            signed[0], None, "amendment_before_agreement",
            f"Version {signed[0].version_no} is signed and the agreement it amends is not",
            "Find the signed original; the amendment counts from then on.",
        )  # fmt: skip
        agreement.early.append(usable)
        return
    if not signed or agreement.versions:
        amend(agreement, usable)
    else:
        _open(agreement, signed)
    if signed:
        agreement.versions.add(signed[0].version_no or 0)
        _resume(agreement)


def _is_usable(agreement: Agreement, line: Event) -> bool:
    """A line of a version counts once, in the currency of its agreement."""
    if line.text("problem"):
        _unusable(agreement, line, line.text("problem"))
        return False
    if _in_another_currency(agreement, line):
        return False
    if not line.flag("is_signed", default=True):
        return True
    key = (line.version_no or 0, line.obligation_key)
    if key in agreement.applied:
        agreement.suspend(
            line, line.obligation_key, "signed_twice", f"Version {key[0]} of the line is signed more than once",
            "Keep one signed row a version and line.", line.amount,
        )  # fmt: skip
        return False
    agreement.applied.add(key)
    return True


def _in_another_currency(agreement: Agreement, event: Event) -> bool:
    if event.currency == agreement.first.currency or event.kind == "unusable":
        return False
    agreement.suspend(
        event, None, "currency_differs",
        f"{event.kind} in {event.currency}, the agreement is in {agreement.first.currency}",
        "State it in the currency of the agreement, at a rate that is written down.", event.amount,
    )  # fmt: skip
    return True


def _open(agreement: Agreement, signed: Sequence[Event]) -> None:
    if all(problem.code == "amendment_before_agreement" for problem in agreement.problems):
        agreement.is_suspended = False
    open_agreement(agreement, signed)
    agreement.versions.add(signed[0].version_no or 0)
    for lines in agreement.early:
        amend(agreement, lines)
        agreement.versions.add(lines[0].version_no or 0)
    agreement.early.clear()


def _resume(agreement: Agreement) -> None:
    """Work that was known before its signature counts from the signature on (ASC 606-10-25-1, 25-6)."""
    waiting, agreement.waiting = agreement.waiting, []
    for event in waiting:
        if event.kind == "variable":
            on_variable(agreement, event)
        else:
            _deliver(agreement, event)


def _variable(agreement: Agreement, event: Event) -> None:
    if agreement.promises:
        on_variable(agreement, event)
    else:
        agreement.waiting.append(event)


def _invoiced(agreement: Agreement, event: Event) -> None:
    agreement.ledger.invoice(
        event, agreement.promise_of(event), wait_until_due=agreement.policy.advance_due == "when_due"
    )


def _judged(agreement: Agreement, event: Event) -> None:
    if event.text("document"):
        agreement.ledger.judge(event)
        return
    agreement.suspend(
        event, event.obligation_key, "unknown_invoice", "Whether an invoice can be cancelled is said of none",
        "Name the invoice by its number.",
    )  # fmt: skip


def _credited(agreement: Agreement, event: Event) -> None:
    promise = agreement.promise_of(event)
    agreement.ledger.credit(event, promise)
    reason = event.text("reason").lower()
    if promise is not None and reason == "rebate":
        promise.rebated += event.amount
    if event.flag("reduces_price", default=reason in PRICE_REASONS):
        _concede(agreement, event, [promise] if promise else list(agreement.promises.values()))


def _concede(agreement: Agreement, event: Event, promises: Iterable[Promise]) -> None:
    """Price given up for work already done reduces its revenue at once; charged work keeps its estimate."""
    bearing = [promise for promise in promises if not promise.is_suspended]
    weights = [max(promise.cumulative, 0) for promise in bearing]
    if not bearing:
        return
    shares = parts(event.amount, weights if sum(weights) else [1] * len(bearing), event.currency)
    for promise, share in zip(bearing, shares, strict=True):
        agreement.give_up(promise, share)
        promise.waived += share


def _received(agreement: Agreement, event: Event) -> None:
    agreement.ledger.receive(event)


def _funded(agreement: Agreement, event: Event) -> None:
    agreement.funded[event.obligation_key] = event.amount


def _rate(agreement: Agreement, event: Event) -> None:
    wrong = agreement.rates.learn(event)
    if wrong:
        agreement.suspend(event, None, "overlapping_rates", wrong, "Keep one rate a day.", event.amount or None)


_OTHERS: Mapping[str, Callable[[Agreement, Event], None]] = {
    # they are on the signed line already: see `stated_terms`
    "ssp": lambda _, __: None,
    "method": lambda _, __: None,
    "variable": _variable,
    "right_to_consideration": _judged,
    "invoiced": _invoiced,
    "credited": _credited,
    "received": _received,
    "funded": _funded,
    "rate": _rate,
}
