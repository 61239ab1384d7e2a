"""What delivery says: approved work, cost, estimates, acceptances, completion."""

from __future__ import annotations

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.evidence import AMOUNT, QUANTITY, Event
from reconcile.revenue.methods import METHODS
from reconcile.revenue.promise import Layer, Promise
from reconcile.revenue.rounding import half_up

__all__ = ["on_accepted", "on_completed", "on_cost", "on_estimate", "on_scheduled", "on_worked"]

#: Cost and accepted amounts are counted on the progress axis in the same unit as hours.
_SCALE = QUANTITY // AMOUNT


def on_worked(agreement: Agreement, event: Event, promise: Promise) -> None:
    """Approved hours, units or value. Charged work earns its value; expenses of an agent earn the markup alone.

    Hours are progress of what is measured by them: they are no cost and no acceptance.
    """
    if promise.method.axis != "charged":
        promise.worked += event.quantity
        promise.done += event.quantity if promise.method.measures_work else 0
        return
    value = event.amount - (event.money("cost") or 0) if promise.is_agent else event.amount
    late, given_back = value, promise.given_back
    if event.flag("adjustment"):
        promise.adjusted += value
    else:
        late = promise.within_cap(promise.charged + value) - promise.within_cap(promise.charged)
        promise.charged += value
        promise.charges.append((event.happened_on, event.quantity, value))
    promise.done += event.quantity
    if event.happened_on.toordinal() < agreement.month.first:
        promise.prior += late - (promise.given_back - given_back)


def on_cost(event: Event, promise: Promise) -> None:
    """Cost incurred: progress, unless wasted (never) or not installed (revenue equals cost; 606-10-55-21)."""
    if not event.flag("wasted") or promise.method.axis == "cost":
        promise.spent += event.amount
    if promise.method.name == "expense":
        rate = promise.markup if promise.is_agent else QUANTITY + promise.markup
        promise.charged += half_up(event.amount * rate, QUANTITY, 1)
    elif event.flag("uninstalled"):
        promise.uninstalled_done += event.amount
    elif promise.method.name in ("cost", "cost_recovery") and not event.flag("wasted"):
        promise.done += event.amount * _SCALE


def on_estimate(agreement: Agreement, event: Event, promise: Promise) -> None:
    """A new expected total, in hours, units or cost: the change counts in this period (ASC 250-10-45-17; IAS 8.36)."""
    if event.amount < 0 or event.quantity < 0:
        agreement.suspend(
            event, promise.key, "negative_estimate", "The estimate at completion is negative",
            "Enter what the work is expected to take in total.", event.amount,
        )  # fmt: skip
        return
    before = agreement.earned_before(promise)
    is_charged = promise.method.axis == "charged"
    if is_charged and event.flag("limits_progress"):
        promise.expected_value = event.amount
    elif event.amount:
        _expect_cost(promise, event.amount)
    if is_charged:
        promise.planned = event.quantity or promise.planned
    if event.quantity and promise.method.axis == "quantity" and promise.method.name != "cost":
        _expect(promise, event.quantity)
    penalty = event.money("exit_penalty")
    promise.exit_penalty = promise.exit_penalty if penalty is None else penalty
    agreement.caught_up(promise, agreement.earned_before(promise) - before)


def _expect_cost(promise: Promise, total: int) -> None:
    promise.expected_cost = total
    if promise.method.name == "cost_recovery":
        promise.method = METHODS["cost"]
    if promise.method.name == "cost":
        _expect(promise, (total - promise.uninstalled_plan) * _SCALE)


def _expect(promise: Promise, total: int) -> None:
    """The last stretch of progress ends where the new estimate says."""
    last: Layer = max(promise.layers, key=lambda layer: layer.start)
    last.size = max(total - last.start, 0)


def on_accepted(event: Event, promise: Promise) -> None:
    """Acceptance by the customer: weight, or the accepted amount, is done. Without it a milestone earns nothing."""
    if promise.method.name == "milestone":
        promise.done += event.quantity or event.amount * _SCALE
    elif promise.method.axis == "quantity":
        promise.done += event.quantity


def on_completed(event: Event, promise: Promise) -> None:
    """By evidence: the rest of the price is earned, the unused estimate of charged work leaves the backlog.

    Tasks that are all done complete what work earns. What waits for acceptance, or for time to pass, still waits.
    """
    if promise.method.follows_work or event.text("reason") != "tasks_completed":
        promise.complete()


def on_scheduled(event: Event, promise: Promise) -> None:
    """What a resource or billing plan holds from now on; the latest plan counts."""
    promise.scheduled = event.amount
