"""One agreement in one book: the state from which every period end is read, and what all its events share.

Events take effect in the period in which the books learned of them; nothing looks ahead, so a later period never
changes an earlier one. What cannot be used suspends its obligation from that period on and is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from reconcile.revenue.allocation import Pool
from reconcile.revenue.billing import Ledger
from reconcile.revenue.costs import Standing
from reconcile.revenue.evidence import Event
from reconcile.revenue.layers import Rates
from reconcile.revenue.modification import Override, Treatment
from reconcile.revenue.months import Month
from reconcile.revenue.policy import Policy
from reconcile.revenue.price import Element
from reconcile.revenue.promise import Promise
from reconcile.revenue.rounding import decimal_of
from reconcile.revenue.rows import Allocation, Decision, Problem

__all__ = ["Agreement"]


@dataclass(slots=True)
class Agreement:
    """The state of one agreement. `overrides` by version and obligation (None: all of the version)."""

    first: Event
    policy: Policy
    step: int
    month: Month
    ledger: Ledger
    overrides: Mapping[tuple[int, str | None], Override] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    pools: list[Pool] = field(default_factory=list)
    elements: dict[str, Element] = field(default_factory=dict)
    pool_of: dict[str, Pool] = field(default_factory=dict)
    contract_gross: dict[str, int] = field(default_factory=dict)
    versions: set[int] = field(default_factory=set)
    applied: set[tuple[int, str | None]] = field(default_factory=set)
    early: list[list[Event]] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)
    submitted: list[Event] = field(default_factory=list)
    rates: Rates = field(default_factory=Rates)
    funded: dict[str | None, int] = field(default_factory=dict)
    cap: int | None = None
    signed_on: date | None = None
    ends_on: date | None = None
    is_suspended: bool = False
    allocations: list[Allocation] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: dict[str | None, dict[str, int]] = field(default_factory=dict)
    standing: dict[str, Standing] = field(default_factory=dict)

    @property
    def is_terminated(self) -> bool:
        """Whether everything that was promised has been ended early."""
        return bool(self.promises) and all(promise.is_terminated for promise in self.promises.values())

    def stand(self) -> None:
        """Keeps what the agreement is like after the events of this period: costs of it are spread by that."""
        ends = (promise.end_on for promise in self.promises.values())
        last = max((day for day in ends if day), default=None)
        self.standing[self.month.period] = Standing(last, self.is_terminated)

    @property
    def version(self) -> int:
        """The latest version that took effect; 0 before the first."""
        return max(self.versions, default=0)

    @property
    def room(self) -> int | None:
        """What the cap of the whole agreement left for charged work at the last period end; None without a cap."""
        if self.cap is None:
            return None
        return max(0, self.cap - sum(promise.counted for promise in self.promises.values()))

    def promise_named(self, key: str | None) -> Promise | None:
        """The obligation of a key, or the one of which it became a part."""
        return self.promises.get(self.aliases.get(key or "", key or ""))

    def promise_of(self, event: Event) -> Promise | None:
        """The obligation an event concerns; the only one there is where it names none."""
        if event.obligation_key is not None:
            return self.promise_named(event.obligation_key)
        return next(iter(self.promises.values())) if len(self.promises) == 1 else None

    def earned_before(self, promise: Promise) -> int:
        """What was done before this period comes to on the terms of now: take it before and after they change."""
        return promise.earned_before(self.month.first)

    def caught_up(self, promise: Promise, effect: int) -> int:
        """Records what a change of terms does to what was done before this period: revenue of earlier performance.

        A fee of its own (success) belongs to what the agreement delivered: it is of earlier performance if any was.
        """
        promise.catch_up += effect
        if promise.method.axis != "resolved" or any(one.cumulative for one in self.promises.values()):
            promise.prior += effect
        return effect

    def give_up(self, promise: Promise, amount: int) -> None:
        """Takes revenue of what was delivered back at once; a catch-up as far as it was earned in earlier periods."""
        promise.settled -= amount
        before = min(amount, max(promise.cumulative, 0))
        promise.catch_up -= before
        promise.prior -= before

    def repriced(self, promise: Promise, delta: int, *, is_reduction: bool = False) -> int:
        """Changes the price of an obligation and returns the effect on what was done before this period."""
        before = self.earned_before(promise)
        promise.add_price(delta, is_reduction=is_reduction)
        return self.caught_up(promise, self.earned_before(promise) - before)

    def decide(
        self,
        event: Event,
        treatment: Treatment,
        effect: int,
        *,
        key: str | None,
        override: Override | None = None,
        instead_of: str | None = None,
        addition: str = "",
    ) -> None:
        """Records a decision with its reason, its paragraph and its effect in this period."""
        version = event.version_no or self.version
        place = sum(1 for done in self.decisions if done.version_no == version and done.obligation_key == key)
        self.decisions.append(
            Decision(
                decision_id=f"{event.agreement_id}/{event.book}/{version}/{key or '*'}/"
                f"{override.period if override else place + 1}",
                agreement_id=event.agreement_id,
                book=event.book,
                version_no=version,
                decided_on=override.decided_on if override else event.happened_on,
                period=max(self.month.period, override.period) if override else self.month.period,
                obligation_key=key,
                treatment=treatment.name,
                reason=f"{override.reason if override else treatment.reason}{addition}",
                rule=treatment.rule,
                policy=f"{self.policy.name}: ssp={self.policy.ssp}",
                effect_amount=decimal_of(effect),
                currency=event.currency,
                decided_by=override.decided_by if override else "policy",
                overrides=instead_of,
            )
        )

    def suspend(
        self, event: Event, key: str | None, code: str, message: str, then: str, amount: int | None = None
    ) -> None:
        """Stops computing an obligation (None: the whole agreement) from this period on, and says why."""
        self.report(event, key, code, message, then, amount)
        self.is_suspended = True
        for promise in self.promises.values():
            if key is None or promise.key == key:
                promise.is_suspended = True

    def report(
        self,
        event: Event,
        key: str | None,
        code: str,
        message: str,
        then: str,
        amount: int | None = None,
        *,
        period: str = "",
    ) -> None:
        """Reports evidence that needs a person, once for each obligation and code."""
        if any(found.code == code and found.obligation_key == key for found in self.problems):
            return
        self.problems.append(
            Problem(
                event.agreement_id, event.book, key, period or self.month.period, code, message, then, event.connection,
                None if amount is None else decimal_of(amount),
            )
        )  # fmt: skip
