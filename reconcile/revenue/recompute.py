"""Everything the evidence says should be in the books: all agreements, every period up to one.

    rows = recompute(read_events(evidence), policy, through="2026-03")

Pure and deterministic: the order of the events does not matter, bad evidence comes back as problems, and recomputing
through a later period gives the same rows for the earlier ones. An override of a decision counts from the period in
which it was decided: the periods before keep what policy said, the difference is a catch-up in that period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from reconcile.revenue.accrual import accruals
from reconcile.revenue.agreement import Agreement
from reconcile.revenue.billing import Ledger
from reconcile.revenue.closing import close, exemption, policy_of
from reconcile.revenue.costs import COST_KINDS, contract_costs
from reconcile.revenue.evidence import Event, in_order
from reconcile.revenue.modification import TREATMENTS, Override
from reconcile.revenue.months import Month, month_of, months_between
from reconcile.revenue.policy import Policy
from reconcile.revenue.promise import Promise
from reconcile.revenue.rounding import decimal_of, quantity_decimal, step_of
from reconcile.revenue.rows import Accrual, ContractCost, Obligation, Position, Problem, Recognition, Recomputed
from reconcile.revenue.stated_terms import STATED_KINDS, StatedTerms
from reconcile.revenue.timeline import apply

__all__ = ["recompute"]


def recompute(
    events: Iterable[Event],
    policy: Policy | Mapping[str, Policy],
    *,
    through: str,
    decisions: Iterable[Override] = (),
) -> Recomputed:
    """Recomputes every agreement and book through a period. `policy`: one for all books, or one a book.

    `decisions` are in the order in which they were taken: of two on the same version in one period the later counts.
    """
    by_agreement: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        by_agreement.setdefault((event.agreement_id, event.book), []).append(event)
    chosen: dict[tuple[str, str], list[Override]] = {}
    for override in decisions:
        chosen.setdefault((override.agreement_id, override.book), []).append(override)
    found = _Found()
    for key in sorted(by_agreement):
        own = by_agreement[key]
        book = policy if isinstance(policy, Policy) else policy.get(key[1], Policy(name=key[1]))
        _run(in_order(own), book, through, chosen.get(key, []), found)
    return found.sealed()


class _Found:
    """The rows found so far."""

    def __init__(self) -> None:
        self.agreements: list[Agreement] = []
        self.recognition: list[Recognition] = []
        self.positions: list[Position] = []
        self.contract_costs: list[ContractCost] = []
        self.accruals: list[Accrual] = []
        self.problems: list[Problem] = []

    def sealed(self) -> Recomputed:
        """All tables, in order."""
        promises = [(one, promise) for one in self.agreements for promise in one.promises.values()]
        return Recomputed(
            obligations=tuple(
                sorted((_obligation(one, p) for one, p in promises), key=lambda row: (row[0], row[1], row[5]))
            ),
            allocations=tuple(row for one in self.agreements for row in one.allocations),
            decisions=tuple(row for one in self.agreements for row in one.decisions),
            recognition=tuple(self.recognition),
            accruals=tuple(self.accruals),
            positions=tuple(self.positions),
            contract_costs=tuple(self.contract_costs),
            problems=(*self.problems, *(row for one in self.agreements for row in one.problems)),
        )


def _run(events: Sequence[Event], policy: Policy, through: str, overrides: Sequence[Override], found: _Found) -> None:
    """One agreement: its revenue, and beside it the costs of it."""
    costs = [event for event in events if event.kind in COST_KINDS and event.period <= through]
    revenue = [event for event in events if event.kind not in COST_KINDS] if costs else events
    agreement = _revenue(revenue, policy, through, overrides, found)
    if costs:
        own = policy.of(costs[0].legal_entity_id)
        standing, currency = (agreement.standing, agreement.first.currency) if agreement else ({}, costs[0].currency)
        rows, problems = contract_costs(costs, standing, own, through, currency)
        found.contract_costs += rows
        found.problems += problems


def _revenue(
    events: Sequence[Event], policy: Policy, through: str, overrides: Sequence[Override], found: _Found
) -> Agreement | None:
    """Its revenue: once with what policy decides, and again from each period in which more is known of its beginning.

    More is known where a person decided otherwise, or the selling price or the method of a signed line was stated late.
    """
    known = [event for event in events if event.kind == "unusable" or event.period <= through]
    terms, events = StatedTerms.of(known)
    usable = [event for event in events if event.kind not in ("unusable", *STATED_KINDS)]
    if all(event.text("problem") for event in usable):
        _only_unusable(events, found)
        return None
    wrong = [one for one in overrides if one.treatment not in TREATMENTS]
    taken = sorted((one for one in overrides if one not in wrong), key=lambda one: one.period)
    steps = [*(one.period for one in taken if one.period <= through), *terms.late]
    first = usable[0].period
    starts = [first, *sorted({period for period in steps if period > first})]
    agreement, shown = None, None
    for place, start in enumerate(starts):
        until = starts[place + 1] if place + 1 < len(starts) else None
        chosen = {(o.version_no, o.obligation_key): o for o in taken if o.period <= start}
        happened = terms.known(events, start)
        agreement = _pass(happened, usable[0], policy, chosen, (start, until, through), shown, found)
        shown = agreement
    if agreement is not None:
        for one in wrong:
            agreement.report(
                usable[0], one.obligation_key, "unknown_treatment", f"Treatment '{one.treatment}' is unknown",
                f"Choose one of {', '.join(TREATMENTS)}.",
            )  # fmt: skip
        _unclaimed(agreement)
        _unpriced(agreement, terms)
        found.agreements.append(agreement)
    return agreement


def _pass(
    events: Sequence[Event],
    first: Event,
    policy: Policy,
    chosen: Mapping[tuple[int, str | None], Override],
    window: tuple[str, str | None, str],
    shown: Agreement | None,
    found: _Found,
) -> Agreement:
    """The whole life with the decisions known from `start` on; gives the rows from there until the next decision."""
    start, until, through = window
    step = step_of(first.currency)
    own = policy.of(first.legal_entity_id)
    agreement = Agreement(first, own, step, month_of(first.period), Ledger(step), chosen)
    by_period = {period: list(group) for period, group in groupby(events, key=lambda event: event.period)}
    before = [event for event in events if event.period < first.period]
    for month in months_between(first.period, through):
        if until is not None and month.period >= until:
            break
        agreement.month = month
        if month.period == start and shown is not None:
            _continue(agreement, shown)
        happened = [*before, *by_period.get(month.period, ())]
        apply(agreement, happened)
        before = []
        if happened:
            agreement.stand()
        told = len(agreement.problems)
        rows, position = close(agreement, shown=month.period >= start)
        if month.period < start:
            _as_told_then(agreement, told, shown)
        found.recognition += rows
        if position is not None:
            found.positions.append(position)
        if agreement.submitted and month.period >= start:
            found.accruals += accruals(agreement)
    return agreement


def _as_told_then(agreement: Agreement, told: int, shown: Agreement | None) -> None:
    """A closed month lacks no evidence that nobody asked of it: what is still missing is told from `start` on."""
    known = _told(shown)
    agreement.problems[told:] = [row for row in agreement.problems[told:] if (row.obligation_key, row.code) in known]


def _told(shown: Agreement | None) -> set[tuple[str | None, str]]:
    return {(row.obligation_key, row.code) for row in shown.problems} if shown is not None else set()


def _continue(agreement: Agreement, shown: Agreement) -> None:
    """Goes on from what was shown: closed periods stay, the difference is a catch-up of this one."""
    differences: dict[str | None, int] = {}
    for key, promise in agreement.promises.items():
        before = shown.promises.get(key)
        if before is not None and before.cumulative != promise.cumulative:
            differences[key] = promise.cumulative - before.cumulative
            promise.cumulative = before.cumulative
            promise.catch_up += differences[key]
            promise.prior += differences[key]
    differences[None] = sum(differences.values())
    known = _told(shown)
    agreement.problems = [
        row if (row.obligation_key, row.code) in known else row._replace(period=max(row.period, agreement.month.period))
        for row in agreement.problems
    ]
    # what was decided in closed months stays as it was decided then; new are the decisions of a person that start now
    agreement.decisions = [
        *shown.decisions,
        *(
            row._replace(effect_amount=decimal_of(differences.get(row.obligation_key, 0)))
            for row in agreement.decisions
            if row.decided_by != "policy" and row.period == agreement.month.period
        ),
    ]


def _only_unusable(events: Sequence[Event], found: _Found) -> None:
    """An agreement of which nothing can be read or used: only its problems show."""
    for event in events:
        if event.kind == "unusable" or event.text("problem"):
            found.problems.append(
                Problem(
                    event.agreement_id, event.book, event.obligation_key, event.period,
                    event.text("problem") or "unreadable_evidence", event.text("message"),
                    event.text("then") or "Correct the record in its system.", event.connection,
                    decimal_of(event.amount) if event.amount else None,
                )
            )  # fmt: skip


def _unclaimed(agreement: Agreement) -> None:
    """Delivery for obligations nobody signed: at risk, never revenue; one problem an obligation."""
    waiting = sorted(agreement.waiting, key=lambda event: event.obligation_key or "")
    for key, group in groupby(waiting, lambda event: event.obligation_key):
        found = in_order(group)
        hours = quantity_decimal(sum(event.quantity for event in found)).normalize()
        amount = sum(event.amount for event in found)
        agreement.report(
            found[0], key, "nothing_signed",
            f"{len(found)} rows of delivery ({hours:f} hours) without a signed obligation {key or ''}".rstrip(),
            "Get the agreement or its amendment signed, or correct the line they name.", amount or None,
            period=found[0].period,
        )  # fmt: skip


def _unpriced(agreement: Agreement, terms: StatedTerms) -> None:
    """Selling prices as of a day after the signature of what they are of: no split is made by them."""
    for price, line in terms.unused:
        agreement.report(
            price, price.obligation_key, "priced_after_signature",
            f"The stand-alone selling price of {price.obligation_key} is stated as of {price.happened_on}, and it was "
            f"signed on {line.happened_on} without one",
            "State the price as of the day of the signature; later prices change no split that was made.",
            price.amount or None, period=price.period,
        )  # fmt: skip


def _obligation(agreement: Agreement, promise: Promise) -> Obligation:
    first, month = agreement.first, agreement.month
    return Obligation(
        first.agreement_id, first.book, first.legal_entity_id, first.customer_id, first.currency, promise.key,
        promise.name, promise.method.name, promise.start_on, promise.end_on,
        None if promise.ssp is None else decimal_of(promise.ssp), promise.ssp_source, decimal_of(promise.price),
        decimal_of(promise.variable), None if promise.cap is None else decimal_of(promise.cap),
        quantity_decimal(promise.end if promise.method.axis == "quantity" else promise.planned), promise.unit,
        _status(promise, month), exemption(agreement, promise), promise.rule,
        policy_of(agreement, promise.method),
    )  # fmt: skip


def _status(promise: Promise, month: Month) -> str:
    if promise.is_suspended:
        return "suspended"
    if promise.is_terminated:
        return "terminated"
    ended = promise.method.axis in ("days", "months") and promise.end_on and promise.end_on.toordinal() < month.after
    done = promise.method.axis == "quantity" and promise.cumulative == promise.price != 0
    return "complete" if promise.is_finished(month.after) or ended or done else "open"
