"""The original agreement: its lines become obligations, its fixed price is split over them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.allocation import NotAllocable, Part, Pool, Share, allocate
from reconcile.revenue.evidence import AMOUNT, QUANTITY, Event
from reconcile.revenue.methods import METHODS, Method, method_named
from reconcile.revenue.modification import described
from reconcile.revenue.months import day_position, month_position
from reconcile.revenue.promise import Layer, Promise
from reconcile.revenue.rounding import decimal_of
from reconcile.revenue.rows import Allocation
from reconcile.revenue.stated_terms import selling_price

__all__ = ["new_promise", "open_agreement", "part_of", "record_share", "unpriced"]

#: Terms that change the price in ways outside the scope: such a line is blocked, not computed.
_BLOCKED = {
    "has_financing": "has a significant financing component",
    "has_material_right": "gives the customer a material right",
}

_BANDS = ("", "next_12", "next_24", "later")


def open_agreement(agreement: Agreement, lines: Sequence[Event]) -> None:
    """Takes the first signed version: obligations, allocation, one decision (ASC 606-10-25-1, 32-28 to 32-35)."""
    first = lines[0]
    agreement.signed_on = first.happened_on
    agreement.ends_on = max((day for line in lines if (day := line.day("end_on"))), default=None)
    agreement.decide(first, described("original"), 0, key=None)
    members: list[tuple[Event, Promise]] = []
    is_whole = True
    for line in lines:
        promise = new_promise(agreement, line)
        if promise is None:
            is_whole = is_whole and line.flag("is_option")
            continue
        if promise.method.in_pool:
            members.append((line, promise))
        else:
            record_share(agreement, line, promise, Share(promise.committed, "targeted_variable"))
    if members:
        _allocate(agreement, members, is_whole=is_whole)


def _allocate(agreement: Agreement, members: Sequence[tuple[Event, Promise]], *, is_whole: bool) -> None:
    total = sum(line.amount for line, _ in members)
    offered = [part_of(line, promise) for line, promise in members]
    shares = allocate(total, offered, agreement.first.currency)
    if isinstance(shares, NotAllocable):
        unpriced(agreement, members[0][0], shares, [promise for _, promise in members])
        return
    if not is_whole and any(share.amount != line.amount for (line, _), share in zip(members, shares, strict=True)):
        keys = tuple(promise.key for _, promise in members)
        message = "A line of the agreement cannot be used, so the split of its price is not known"
        unknown = NotAllocable("split_incomplete", message, "Correct the other line first.", keys)
        unpriced(agreement, members[0][0], unknown, [promise for _, promise in members])
        return
    for (line, promise), share in zip(members, shares, strict=True):
        promise.layers[0].price += share.amount - line.amount
        record_share(agreement, line, promise, share)
    by_ssp = [part.ssp or 0 for part in offered]
    in_ratio = all(share.method in ("relative_ssp", "stated") for share in shares) and sum(by_ssp) > 0
    weights = by_ssp if in_ratio else [share.amount for share in shares]
    amounts = [share.amount for share in shares]
    agreement.pools.append(Pool(agreement.first.currency, [p for _, p in members], weights, total, amounts))


def unpriced(agreement: Agreement, event: Event, found: NotAllocable, members: Sequence[Promise]) -> None:
    """Suspends every obligation of a split that cannot be made."""
    for key in found.keys:
        agreement.suspend(event, key, found.code, found.message, found.then)
    for promise in members:
        promise.is_suspended = True


def part_of(line: Event, promise: Promise) -> Part:
    """A line as a part of a split."""
    return Part(
        key=promise.key,
        ssp=promise.ssp,
        stated=line.amount,
        low=line.money("ssp_low"),
        high=line.money("ssp_high"),
        is_residual=line.text("ssp_method") == "residual",
        bundle=line.text("bundle"),
        bundle_price=line.money("bundle_price"),
    )


def record_share(agreement: Agreement, line: Event, promise: Promise, share: Share) -> None:
    """Records what a version gave to an obligation."""
    rule = {
        "targeted_variable": "ASC 606-10-32-40 / IFRS 15.85",
        "targeted_discount": "ASC 606-10-32-37 / IFRS 15.82",
        "residual": "ASC 606-10-32-34(c) / IFRS 15.79(c)",
    }.get(share.method, "ASC 606-10-32-31 / IFRS 15.76")
    ssp = None if promise.ssp is None else decimal_of(promise.ssp)
    agreement.allocations.append(
        Allocation(
            line.agreement_id, line.book, line.version_no or 0, line.happened_on, promise.key, ssp,
            decimal_of(share.amount), share.method, rule,
        )
    )  # fmt: skip


def new_promise(agreement: Agreement, line: Event) -> Promise | None:
    """The obligation a signed line creates; None when the line cannot be used or promises nothing yet (an option)."""
    key = line.obligation_key or f"{line.agreement_id}/{line.version_no or 0}"
    if line.flag("is_option"):
        return None
    named = line.text("method") or "fixed_fee"
    method = method_named(named, agreement.policy)
    promise = Promise(
        key=key,
        method=method or METHODS["hours"],
        step=agreement.step,
        is_by_policy=method is not None and method.name != named,
        name=line.text("name") or key,
        unit=line.unit,
        start_on=line.day("start_on"),
        end_on=line.day("end_on"),
        stated=line.amount,
        planned=line.quantity,
        cap=line.money("cap"),
        is_cancellable=line.flag("cancellable"),
        band=line.text("band"),
        closes_with_service=agreement.policy.over_time_completion == "service_end"
        or line.text("method") == "hour_bank",
    )
    agreement.promises[key] = promise
    if line.money("agreement_cap") is not None:
        agreement.cap = line.money("agreement_cap")
    _price(agreement, line, promise)
    problem = _problem(line, promise, method)
    if problem:
        promise.layers = [Layer(0, 0, 0)]
        agreement.suspend(line, key, *problem, line.amount)
        return None
    promise.layers = _first_layer(line, promise)
    return promise


def _price(agreement: Agreement, line: Event, promise: Promise) -> None:
    promise.ssp, promise.ssp_source = selling_price(line), line.text("ssp_method") or "observable"
    takes_stated = agreement.policy.ssp == "stated" and line.text("ssp_method") != "residual"
    if promise.ssp is None and takes_stated:
        promise.ssp, promise.ssp_source = line.amount, "stated"
    promise.markup = line.number("markup") or 0
    promise.is_agent = not line.flag("principal", default=agreement.policy.expenses == "gross")
    promise.is_agent = promise.is_agent and promise.method.name == "expense"
    promise.uninstalled_plan = line.money("uninstalled_cost") or 0
    promise.expected_cost = line.money("planned_cost") or 0


def _problem(line: Event, promise: Promise, method: Method | None) -> tuple[str, str, str] | None:
    """Why a line cannot be computed: code, message, what to do."""
    if method is None:
        known = ", ".join(METHODS)
        return "unknown_method", f"Method '{line.text('method')}' is unknown", f"Choose one of {known}."
    blocked = next((words for flag, words in _BLOCKED.items() if line.flag(flag)), "")
    wrong = (
        (blocked, "out_of_scope", f"The line {blocked}", "Account for it by hand and record the result."),
        (
            promise.band not in _BANDS, "unknown_band", f"Band '{promise.band}' is unknown",
            f"Choose one of {', '.join(_BANDS[1:])}.",
        ),
        (
            line.amount < 0, "negative_price", "The price of the line is negative",
            "Enter a discount as a lower price of what it is for.",
        ),
        (line.quantity < 0, "negative_plan", "The planned quantity is negative", "Correct the plan."),
    )  # fmt: skip
    found = next(((code, message, then) for is_wrong, code, message, then in wrong if is_wrong), None)
    if found is None and (method.axis in ("days", "months") or (promise.start_on and promise.end_on)):
        return _term(promise.start_on, promise.end_on)
    return found


def _term(start_on: date | None, end_on: date | None) -> tuple[str, str, str] | None:
    if start_on is None or end_on is None:
        return "no_term", "A straight-line obligation without start or end", "Enter the days of service."
    if end_on < start_on:
        return "runs_backward", f"The service ends on {end_on}, before it starts on {start_on}", "Correct the days."
    return None


def _first_layer(line: Event, promise: Promise) -> list[Layer]:
    """The price over the whole of the progress axis."""
    method = promise.method
    if method.axis == "charged":
        return []
    if method.axis == "resolved":
        return [Layer(0, 0, 0)]
    price = line.amount - promise.uninstalled_plan
    if method.axis in ("days", "months") and promise.start_on and promise.end_on:
        position = day_position if method.axis == "days" else month_position
        start = position(promise.start_on.toordinal())
        return [Layer(price, start, position(promise.end_on.toordinal() + 1) - start)]
    return [Layer(price, 0, planned(line, promise))]


def planned(line: Event, promise: Promise) -> int:
    """How much a signed line adds to the progress axis."""
    name = promise.method.name
    if name == "milestone":
        # hours of a line that is measured by acceptance are no weight: what is accepted is a part of the fee
        weight = 0 if promise.is_by_policy or line.unit == "hours" else line.quantity
        return weight or line.amount * (QUANTITY // AMOUNT)
    if name in ("cost", "cost_recovery"):
        cost = line.money("planned_cost") or 0
        return (cost - (line.money("uninstalled_cost") or 0)) * (QUANTITY // AMOUNT)
    if name == "hour_bank_usage":
        return line.quantity * (QUANTITY - (line.number("breakage") or 0)) // QUANTITY
    return line.quantity
