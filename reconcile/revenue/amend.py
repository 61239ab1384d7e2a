"""Amendments: every line is decided by the table of `modification` and takes effect in the period of its approval.

A change of an obligation stays with it. New obligations that are not at their stand-alone selling price share what is
still unrecognised with the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.allocation import NotAllocable, Part, Pool, Share, allocate
from reconcile.revenue.evidence import QUANTITY, Event
from reconcile.revenue.methods import Method, method_named
from reconcile.revenue.modification import Change, Override, Treatment, decide, described
from reconcile.revenue.promise import Promise
from reconcile.revenue.reshape import CHANGES, cut, lay
from reconcile.revenue.rounding import decimal_of, half_up
from reconcile.revenue.signing import new_promise, part_of, record_share, unpriced
from reconcile.revenue.stated_terms import selling_price

__all__ = ["amend"]


@dataclass(slots=True)
class _Line:
    """A line of an amendment with its decision."""

    event: Event
    promise: Promise | None
    treatment: Treatment
    override: Override | None
    instead_of: str | None
    effect: int = 0
    addition: str = ""


def amend(agreement: Agreement, lines: Sequence[Event]) -> None:
    """Applies one version: decides each line, changes price and progress, records what it did and why."""
    signed = [line for line in lines if line.flag("is_signed", default=True)]
    if not signed:
        agreement.decide(lines[0], described("unsigned"), 0, key=None)
        return
    decided = [_decided(agreement, line) for line in signed if not line.flag("is_option")]
    for line in decided:
        _credit_for_past(agreement, line)
    joined = [line for line in decided if line.promise is None and line.treatment.name == "prospective"]
    for line in decided:
        if line not in joined:
            _apply(agreement, line)
    if joined:
        _join(agreement, joined, decided)
    for line in decided:
        key = line.promise.key if line.promise else line.event.obligation_key
        agreement.decide(
            line.event, line.treatment, line.effect, key=key, override=line.override, instead_of=line.instead_of,
            addition=line.addition,
        )  # fmt: skip
    names = {line.treatment.name for line in decided}
    if len(names & {"catch_up", "prospective"}) == 2:
        agreement.decide(signed[0], described("mixed"), sum(line.effect for line in decided), key=None)


def _decided(agreement: Agreement, line: Event) -> _Line:
    promise = agreement.promise_of(line)
    method = promise.method if promise else method_named(line.text("method"), agreement.policy)
    own = _treatment(agreement, line, promise, method)
    version = line.version_no or 0
    override = agreement.overrides.get((version, line.obligation_key)) or agreement.overrides.get((version, None))
    found = _Line(line, promise, own, None, None)
    if override is not None and override.treatment != own.name and (promise or method is None or method.in_pool):
        found = _Line(line, promise, described(override.treatment), override, own.name)
    if promise is None and found.treatment.name == "catch_up":
        found.promise = _whole(agreement, line)
    return found


def _whole(agreement: Agreement, line: Event) -> Promise | None:
    """The obligation a new line belongs to when it is not distinct: the one it names, or the only one there is."""
    named = agreement.promises.get(line.text("part_of"))
    pooled = [promise for promise in agreement.promises.values() if promise.method.in_pool]
    found = named or (pooled[0] if len(pooled) == 1 else None)
    if found is not None and line.obligation_key:
        agreement.aliases[line.obligation_key] = found.key
    return found


def _treatment(agreement: Agreement, line: Event, promise: Promise | None, method: Method | None) -> Treatment:
    end_on = line.day("end_on")
    longer = promise is not None and end_on is not None and promise.end_on is not None and end_on > promise.end_on
    is_timed = method is not None and method.axis in ("days", "months")
    own_price = promise is None and method is not None and not method.in_pool
    return decide(
        Change(
            is_signed=True,
            is_new=promise is None,
            is_charged=promise is not None and promise.method.axis == "charged",
            is_series=promise is not None and promise.method.distinct_more,
            amount=line.amount,
            ssp=line.amount if own_price else selling_price(line),
            adds_scope=promise is None or longer or (line.quantity > 0 and not is_timed),
            is_distinct=line.flag("distinct") if "distinct" in line.attributes else None,
            is_price_open=line.flag("price_open"),
            is_retroactive=bool(line.day("rate_from")),
            takes_stated_as_ssp=agreement.policy.ssp == "stated",
        )
    )


def _credit_for_past(agreement: Agreement, line: _Line) -> None:
    """revenue - credit, at once: the credit belongs to what was delivered (Example 5, Case B)."""
    credit = line.event.money("credit_for_past") or 0
    if not credit or line.promise is None:
        return
    agreement.give_up(line.promise, credit)
    agreement.decide(line.event, described("credit_for_past"), -credit, key=line.promise.key)


def _apply(agreement: Agreement, line: _Line) -> None:
    event, promise = line.event, line.promise
    if promise is None and line.treatment.name == "catch_up":
        agreement.suspend(
            event, event.obligation_key, "indistinct_new_line", "A new line that is not distinct names no obligation",
            "Name the obligation it is part of.", event.amount,
        )  # fmt: skip
        return
    if promise is None:
        _open(agreement, line)
        return
    if promise.is_suspended:
        return
    if promise.is_terminated:
        agreement.report(
            event, promise.key, "amended_after_end", "An amendment of an obligation that was terminated before",
            "Sign it as a new line, or take the termination back.", event.amount,
        )  # fmt: skip
        return
    end_on = event.day("end_on")
    if end_on is not None and promise.start_on is not None and end_on < promise.start_on:
        agreement.suspend(
            event, promise.key, "runs_backward", f"The service ends on {end_on}, before it starts",
            "Correct the days.", event.amount,
        )  # fmt: skip
        return
    ordinal = agreement.month.first
    # What goes on differently leaves what is done as it was earned; all else is measured where the period opened.
    goes_on = promise.method.axis != "charged" and line.treatment.name in ("prospective", "separate")
    earned = promise.earned if goes_on else promise.earned_before
    before = earned(ordinal)
    delta = event.amount + (event.money("credit_for_past") or 0)
    if promise.method.axis not in ("charged", "resolved"):
        CHANGES[line.treatment.name](promise, event, delta, ordinal)
    if promise.method.axis == "charged":
        line.addition = _new_rate(promise, event)
    _new_terms(promise, event)
    limit = event.money("agreement_cap")
    agreement.cap = agreement.cap if limit is None else limit
    if promise.price < 0 and promise.method.axis != "charged":
        agreement.suspend(
            event, promise.key, "negative_price", "The amendment takes back more than the price of the obligation",
            "Correct the amendment or credit what was billed.", promise.price,
        )  # fmt: skip
        return
    line.effect = agreement.caught_up(promise, earned(ordinal) - before)
    record_share(agreement, event, promise, Share(promise.price, "stated"))


def _open(agreement: Agreement, line: _Line) -> None:
    """A separate contract: an obligation of its own at its own price; nothing changes for the others."""
    promise = new_promise(agreement, line.event)
    if promise is None:
        return
    line.promise = promise
    amount = promise.committed if promise.method.axis == "charged" else line.event.amount
    record_share(agreement, line.event, promise, Share(amount, "stated"))


def _new_terms(promise: Promise, event: Event) -> None:
    promise.stated += event.amount
    promise.planned += event.quantity
    promise.is_complete = promise.is_complete and event.quantity <= 0
    promise.expected_cost += event.money("planned_cost") or 0
    end_on = event.day("end_on")
    if end_on is not None and (promise.end_on is None or end_on != promise.end_on):
        promise.end_on = end_on
    cap = event.money("cap")
    promise.cap = promise.cap if cap is None else cap


def _new_rate(promise: Promise, event: Event) -> str:
    """A rate agreed for work already done: what that work is worth more, of which part is billed and part is not.

    Worth more is what the evidence says (`rate_worth`), else hours since then x new rate - what they earned. What was
    billed is taken to be the oldest work.
    """
    rate, since, true_up = event.number("rate"), event.day("rate_from"), event.money("rate_worth")
    if since is None or (rate is None and true_up is None):
        return ""
    opening, charges = promise.opening, promise.charges
    if true_up is None:
        true_up = _true_up(charges, rate or 0, since, promise.step)
        earlier = _true_up(charges[: opening.charges], rate or 0, since, promise.step)
    else:
        earlier = true_up  # what was done in this period is charged at the new rate already
    promise.charged += true_up
    promise.opening = opening._replace(charged=opening.charged + earlier)
    earned = sum(value for day, _, value in charges if day >= since)
    before = sum(value for day, _, value in charges if day < since)
    billed = min(max(promise.billed - before, 0), earned)
    supplementary = half_up(true_up * billed, earned, promise.step) if earned else 0
    return (
        f"; hours since {since} at the new rate are worth {decimal_of(true_up):.2f} more, of which "
        f"{decimal_of(supplementary):.2f} needs a supplementary invoice and {decimal_of(true_up - supplementary):.2f} "
        "raises unbilled work"
    )


def _true_up(charges: Sequence[tuple[date, int, int]], rate: int, since: date, step: int) -> int:
    """What the hours since a day are worth more at a rate than they earned."""
    found = [(quantity, value) for day, quantity, value in charges if day >= since]
    worth = half_up(sum(quantity for quantity, _ in found) * rate, QUANTITY * (QUANTITY // 10_000), step)
    return worth - sum(value for _, value in found)


def _join(agreement: Agreement, joined: Sequence[_Line], decided: Sequence[_Line]) -> None:
    """New lines not at their SSP: what is unrecognised and the additions are split by SSP at the date of the amendment.

    Untouched obligations and series take their share over what remains; an obligation partly done whose rest is not
    distinct takes its share into its price and catches up (ASC 606-10-25-13(c); IFRS 15.21(c)).
    """
    ordinal = agreement.month.first
    stated = {line.event.obligation_key: selling_price(line.event) for line in decided}
    open_ones = [
        promise
        for promise in agreement.promises.values()
        if promise.method.in_pool and not promise.is_suspended and not promise.is_terminated
        and promise.earned(ordinal) < promise.price
    ]  # fmt: skip
    offered: list[Part] = []
    total = 0
    cuts: dict[str, tuple[int, int]] = {}
    for promise in open_ones:
        whole, earned = promise.price, promise.earned(ordinal)
        left = whole - earned
        if promise.method.axis in ("days", "months") or (promise.method.distinct_more and earned):
            left, start, size = cut(promise, joined[0].event.happened_on, None, ordinal)
            cuts[promise.key] = start, size
        ssp = stated.get(promise.key)
        if ssp is None and promise.ssp is not None:
            ssp = half_up(promise.ssp * left, whole, 1) if whole else promise.ssp
        total += left
        offered.append(Part(promise.key, ssp, left))
    members = list(open_ones)
    for line in joined:
        added = new_promise(agreement, line.event)
        if added is None:
            continue
        line.promise = added
        total += line.event.amount
        offered.append(part_of(line.event, added))
        members.append(added)
    shares = allocate(total, offered, agreement.first.currency)
    if isinstance(shares, NotAllocable):
        unpriced(agreement, joined[0].event, shares, members)
        return
    pool = Pool(
        agreement.first.currency,
        members,
        [part.ssp or 0 for part in offered],
        total,
        [share.amount for share in shares],
    )
    for promise, share in zip(members, shares, strict=True):
        _take(agreement, promise, share, joined, cuts)
        record_share(agreement, joined[0].event, promise, share)
        _follow(agreement, promise, pool)
    agreement.pools.append(pool)


def _take(
    agreement: Agreement, promise: Promise, share: Share, joined: Sequence[_Line], cuts: dict[str, tuple[int, int]]
) -> None:
    own = next((line for line in joined if line.promise is promise), None)
    if own is not None:
        promise.layers[0].price += share.amount - own.event.amount
        return
    if promise.key in cuts:
        lay(promise, share.amount, *cuts[promise.key])
        return
    now, before = promise.earned(agreement.month.first), agreement.earned_before(promise)
    promise.layers[0].price += now + share.amount - promise.price
    effect = agreement.caught_up(promise, agreement.earned_before(promise) - before)
    if effect:
        agreement.decide(joined[0].event, described("mixed"), effect, key=promise.key)


def _follow(agreement: Agreement, promise: Promise, pool: Pool) -> None:
    """Later changes of the old price that fall on the obligation go on to the new pool."""
    for earlier in reversed(agreement.pools):
        if any(member is promise for member in earlier.members) and promise.key not in earlier.next:
            earlier.next[promise.key] = pool
            return
