"""Costs of a contract: what is capitalised, how it is spread, and what is left of it (ASC 340-40; IFRS 15.91-104).

to obtain   capitalised when it is recoverable and would not have been incurred otherwise, or when the customer owes it
            whether or not he signs (340-40-25-1 to 25-3; 15.91 to 15.93); by policy expensed when its benefit lasts a
            year or less (340-40-25-4; 15.94)
to fulfil   capitalised when no other standard applies, it relates to the contract, creates resources for later delivery
            and is recoverable (340-40-25-5; 15.95)
amortised   in a straight line over the time the benefit lasts, expected renewals included (340-40-35-1; 15.99): equal
            months, parts of a month by days. A new estimate of that time counts from its month on (35-2; 15.100)
impaired    by what evidence says cannot be recovered, and whole when the agreement ends early (340-40-35-3; 15.101)

Costs change nothing of revenue, and may be in another currency than the agreement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Literal, NamedTuple

from reconcile.revenue.evidence import Event, counted
from reconcile.revenue.months import MONTH, Month, month_position, months_between
from reconcile.revenue.policy import Policy
from reconcile.revenue.rounding import decimal_of, half_up, step_of
from reconcile.revenue.rows import ContractCost, Problem

__all__ = ["COST_KINDS", "Standing", "contract_costs", "treated"]

Treatment = Literal["capitalise", "expense", "expense_short", "other_standard"]

#: Kinds of evidence that say something about costs of a contract and nothing about its revenue.
COST_KINDS = frozenset({"contract_cost", "impaired"})

#: Purpose and treatment -> the paragraphs it follows from.
_RULES: Mapping[tuple[str, str], str] = {
    ("obtain", "capitalise"): "ASC 340-40-25-1 / IFRS 15.91: incremental cost of obtaining a contract",
    ("obtain", "expense"): "ASC 340-40-25-3 / IFRS 15.93: it would have been incurred without the contract",
    ("obtain", "expense_short"): "ASC 340-40-25-4 / IFRS 15.94: its benefit lasts a year or less",
    ("fulfil", "capitalise"): "ASC 340-40-25-5 / IFRS 15.95: cost of fulfilling a contract",
    ("fulfil", "expense"): "ASC 340-40-25-8 / IFRS 15.98: nothing for later delivery comes of it",
}
_ELSEWHERE = "ASC 340-40-15-3 / IFRS 15.96: within the scope of another standard"


class Standing(NamedTuple):
    """What an agreement was like after the events of a month: when its services end, and whether it ended early."""

    ends_on: date | None
    is_terminated: bool


class _Key(NamedTuple):
    """What one row a month is about."""

    obligation: str
    name: str
    currency: str
    purpose: str
    treatment: str


@dataclass(slots=True)
class _Asset:
    """One cost that was capitalised, in ten-thousandths: a layer is what is spread over the rest of the time."""

    amount: int
    start: int
    step: int
    until: date | None
    end: int | None = None
    layer: int = 0
    before: int = 0
    amortised: int = 0
    impaired: int = 0

    @property
    def left(self) -> int:
        """What is not yet amortised or impaired."""
        return self.amount - self.amortised - self.impaired

    def spread(self, until: date | None, month: Month) -> int:
        """Amortisation of the month. The time counts as it is known by now; another end changes what is left only."""
        if until is None:
            return 0
        end = month_position(until.toordinal() + 1)
        if end != self.end:
            at = self.start if self.end is None else max(self.start, month_position(month.first))
            self._lay(at, end)
        size = max(0, end - self.start)
        done = min(max(0, month_position(month.after) - self.start), size)
        share = half_up(self.layer * done, size, self.step) if done < size else self.layer
        # rounding to the minor unit takes no more than there is of an amount that is finer than it
        reached = self.before + (share if abs(share) < abs(self.layer) else self.layer)
        period, self.amortised = reached - self.amortised, reached
        return period

    def write_down(self, amount: int, month: Month) -> None:
        """Takes away what cannot be recovered; the rest is spread over the rest of the time."""
        self.impaired += amount
        if self.end is not None:
            self._lay(max(self.start, month_position(month.after)), self.end)

    def _lay(self, start: int, end: int) -> None:
        self.layer, self.before, self.start, self.end = self.left, self.amortised, start, end


@dataclass(slots=True)
class _Line:
    """All costs of one name and treatment."""

    first: Event
    assets: list[_Asset] = field(default_factory=list)
    incurred: int = 0
    capitalised: int = 0
    lost: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def left(self) -> int:
        """What of all of them is not yet amortised or impaired."""
        return sum(asset.left for asset in self.assets)


def treated(event: Event, *, lasts: int | None, policy: Policy) -> Treatment:
    """What happens to a cost whose benefit lasts so long (steps of the month axis; None: nobody knows)."""
    if event.flag("own_standard"):
        return "other_standard"
    recoverable = event.flag("recoverable", default=True)
    if event.text("purpose") == "obtain":
        if not recoverable or not (event.flag("incremental") or event.flag("chargeable")):
            return "expense"
        is_short = lasts is not None and lasts <= 12 * MONTH
        return "expense_short" if is_short and policy.short_costs == "expense" else "capitalise"
    brings = event.flag("relates_to_contract", default=True) and event.flag("creates_resources", default=True)
    return "capitalise" if brings and recoverable else "expense"


def contract_costs(
    events: Sequence[Event], standing: Mapping[str, Standing], policy: Policy, through: str, currency: str
) -> tuple[list[ContractCost], list[Problem]]:
    """Rows of every month in which a cost of one agreement and book stood or moved, and evidence that needs a person.

    `events` are of `COST_KINDS`, in order; `standing` by the months in which something happened to the agreement,
    `currency` its own: the amount of a problem is stated in that, and left out where the cost is in another.
    """
    book = _Book(policy, currency)
    by_period = {period: list(group) for period, group in groupby(events, key=lambda event: event.period)}
    earlier = max((period for period in standing if period < events[0].period), default="")
    known = standing.get(earlier, Standing(None, is_terminated=False))
    for month in months_between(events[0].period, through):
        known = standing.get(month.period, known)
        for event in by_period.get(month.period, ()):
            book.take(event, known)
        book.close(month, known)
    return book.rows, book.problems


class _Book:
    """The costs of one agreement in one book, month by month."""

    def __init__(self, policy: Policy, currency: str) -> None:
        self.policy, self.currency = policy, currency
        self.lines: dict[_Key, _Line] = {}
        self.rows: list[ContractCost] = []
        self.problems: list[Problem] = []

    def take(self, event: Event, known: Standing) -> None:
        """One event: a cost, a new estimate of the time one benefits, or what cannot be recovered."""
        if event.text("problem"):
            self.report(event, event.text("problem"), event.text("message"), event.text("then"))
        elif event.kind == "impaired":
            self._impair(event)
        elif not event.amount:
            self._estimate(event)
        elif event.text("purpose") not in ("obtain", "fulfil"):
            self.report(
                event, "unknown_purpose", f"{_called(event)} neither obtains nor fulfils a contract",
                "State the purpose of the cost: obtain or fulfil.",
            )  # fmt: skip
        else:
            self._incur(event, known)

    def _incur(self, event: Event, known: Standing) -> None:
        start = month_position((event.day("benefit_from") or event.happened_on).toordinal())
        until = event.day("benefit_until")
        ends_on = until or known.ends_on
        lasts = None if ends_on is None else month_position(ends_on.toordinal() + 1) - start
        treatment = treated(event, lasts=lasts, policy=self.policy)
        key = _Key(event.obligation_key or "", event.text("name"), event.currency, event.text("purpose"), treatment)
        line = self.lines.setdefault(key, _Line(event))
        line.incurred += event.amount
        line.counts[event.kind] += 1
        if treatment != "capitalise":
            return
        line.capitalised += event.amount
        line.assets.append(_Asset(event.amount, start, step_of(event.currency), until))
        if ends_on is None:
            self.report(
                event, "no_benefit_period", f"Nobody says how long {_called(event)} is of use; it is not amortised",
                "State benefit_until, or the end of the agreement.",
            )  # fmt: skip

    def _estimate(self, event: Event) -> None:
        """A new estimate of how long costs are of use."""
        assets = [asset for line in self._named(event) for asset in line.assets]
        for asset in assets:
            asset.until = event.day("benefit_until")
        if not assets:
            self.report(
                event, "unknown_cost", f"Nothing is capitalised of {_called(event)}, and its time is estimated anew",
                "Correct the name of the cost, or state its amount.",
            )  # fmt: skip

    def _impair(self, event: Event) -> None:
        found = [line for line in self._named(event) if line.assets and line.first.currency == event.currency]
        left = sum(line.left - line.lost for line in found)
        if event.amount < 0:
            self.report(
                event, "impairment_reversed", f"An impairment of {_called(event)} is taken back, which is not computed",
                "US GAAP forbids it (340-40-35-6); under IFRS 15.104 post it by hand.",
            )  # fmt: skip
        elif event.amount > left:
            self.report(
                event, "impaired_too_much", f"{_called(event)} is impaired by more than is left of it",
                "Correct the amount or the name of the cost; no more than is left is written down.",
            )  # fmt: skip
        rest = event.amount
        for line in found:
            part = max(0, min(rest, line.left - line.lost))
            line.lost += part
            rest -= part
            line.counts[event.kind] += 1

    def _named(self, event: Event) -> list[_Line]:
        """What an event is about: costs of its obligation and name, or all where it gives none."""
        return [
            line
            for key, line in self.lines.items()
            if event.obligation_key in (None, key.obligation) and event.text("name") in ("", key.name)
        ]

    def close(self, month: Month, known: Standing) -> None:
        """Ends the month: amortisation first, then what cannot be recovered."""
        for key in sorted(self.lines):
            line = self.lines[key]
            opening = line.left - line.capitalised
            period = sum(asset.spread(asset.until or known.ends_on, month) for asset in line.assets)
            lost = self._write_down(line, month, is_terminated=known.is_terminated)
            if any((line.incurred, opening, period, lost, line.left)):
                self.rows.append(self._row(key, line, month, known, (opening, period, lost)))
            line.incurred = line.capitalised = line.lost = 0

    def _write_down(self, line: _Line, month: Month, *, is_terminated: bool) -> int:
        before, rest = line.left, line.lost
        for asset in line.assets:
            part = asset.left if is_terminated else max(0, min(rest, asset.left))
            rest -= part
            if part:
                asset.write_down(part, month)
        return before - line.left

    def _row(self, key: _Key, line: _Line, month: Month, known: Standing, moved: tuple[int, int, int]) -> ContractCost:
        first = line.first
        opening, period, lost = moved
        ends = [day for asset in line.assets if (day := asset.until or known.ends_on)]
        short = f", short_costs={self.policy.short_costs}" if key.purpose == "obtain" else ""
        return ContractCost(
            first.agreement_id, first.book, first.legal_entity_id, first.customer_id, key.currency,
            key.obligation or None, key.name, key.purpose, key.treatment.partition("_short")[0], month.period,
            decimal_of(line.incurred), decimal_of(opening), decimal_of(line.capitalised), decimal_of(period),
            decimal_of(lost), decimal_of(line.left),
            max(ends, default=None), _RULES.get((key.purpose, key.treatment), _ELSEWHERE),
            f"{self.policy.name}: {self.policy.standard}{short}",
            counted(line.counts),
        )  # fmt: skip

    def report(self, event: Event, code: str, message: str, then: str) -> None:
        """Reports evidence that needs a person."""
        self.problems.append(
            Problem(
                event.agreement_id, event.book, event.obligation_key, event.period, code, message, then,
                event.connection,
                decimal_of(event.amount) if event.amount and event.currency == self.currency else None,
            )
        )  # fmt: skip


def _called(event: Event) -> str:
    return event.text("name") or "a cost of the contract"
