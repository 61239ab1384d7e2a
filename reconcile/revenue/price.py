"""Transaction price: how much of a variable amount counts (ASC 606-10-32-5 to 32-14; IFRS 15.50-59).

expected value  Σ probability x amount, when there are many outcomes
most likely     the amount of the highest probability, when there are two
constraint      counts only as far as it is probable (US GAAP) or highly probable (IFRS) that no significant reversal
                follows
reductions      an expected concession or rebate lowers the price by its full estimate; a limit only lowers it further
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.revenue.evidence import QUANTITY, Event, amount_of, quantity_of
from reconcile.revenue.rounding import half_up

__all__ = ["Element", "constrained", "estimated", "expected_value", "most_likely", "refund_liability"]

_SURE = ("remote", "possible", "probable", "highly_probable", "certain")

#: Reasons of a credit memo that give up price for work already done; every other credit corrects a document only.
PRICE_REASONS = frozenset({"concession", "hours_rejected", "rejected", "service_credit"})


@dataclass(frozen=True, slots=True)
class Element:
    """A variable amount as estimated: its full amount and what of it counts. Both negative for a reduction."""

    name: str
    gross: int
    included: int


def expected_value(outcomes: Sequence[tuple[int, int]], step: int) -> int:
    """Σ probability x amount; probabilities in hundred-millionths (ASC 606-10-32-8(a); IFRS 15.53(a))."""
    return half_up(sum(amount * weight for amount, weight in outcomes), QUANTITY, step)


def most_likely(outcomes: Sequence[tuple[int, int]]) -> int:
    """The amount with the highest probability; of equals the smaller (ASC 606-10-32-8(b); IFRS 15.53(b))."""
    return min(outcomes, key=lambda outcome: (-outcome[1], abs(outcome[0])))[0]


def constrained(estimate: int, *, confidence: str, limit: int | None, required: str) -> int:
    """What of an estimate counts: no gain below the required likelihood, never more than the limit (606-10-32-11)."""
    if estimate > 0 and confidence and _SURE.index(confidence) < _SURE.index(required):
        return 0
    return estimate if limit is None else min(estimate, limit)


def estimated(event: Event, required: str, step: int) -> Element:
    """The element of a `variable` event: its amount as given, or worked out from outcomes and the constraint."""
    outcomes: list[tuple[int, int]] = [
        (amount_of(str(amount)), quantity_of(str(weight))) for amount, weight in event.attributes.get("outcomes", ())
    ]
    estimate = event.amount
    if outcomes:
        by_value = event.text("method") != "most_likely"
        estimate = expected_value(outcomes, step) if by_value else most_likely(outcomes)
    confidence = event.text("confidence")
    if event.text("outcome") == "resolved":
        return Element(event.text("element"), estimate, estimate)
    included = constrained(estimate, confidence=confidence, limit=event.money("limit"), required=required)
    gross = event.money("gross")
    if gross is None:
        gross = max((amount for amount, _ in outcomes), default=estimate, key=abs)
    return Element(event.text("element"), gross, included)


def readable(event: Event) -> str:
    """Why a `variable` event cannot be used; empty when it can."""
    confidence = event.text("confidence")
    if confidence and confidence not in _SURE:
        return f"confidence '{confidence}' is unknown; known: {', '.join(_SURE)}"
    if not isinstance(event.attributes.get("targets", []), list):
        return "targets are not a list of obligations"
    found: Any = event.attributes.get("outcomes", ())
    try:
        weights = [quantity_of(str(weight)) for amount, weight in found if amount_of(str(amount)) is not None]
    except (TypeError, ValueError, ArithmeticError):
        return "outcomes are not pairs of amount and probability"
    if weights and (sum(weights) != QUANTITY or min(weights) < 0):
        return "probabilities of the outcomes do not add up to 1"
    return ""


def refund_liability(billed: int, rebated: int, reduction: int, price: int, step: int) -> int:
    """Billed and expected to be given back: billed x reduction / stated price, less what was given back (606-10-32-10).

    `price` is after the reduction; `rebated` are credits already issued for it; all are amounts of one obligation.
    """
    if not reduction or price + reduction <= 0:
        return 0
    return max(0, min(half_up((billed + rebated) * reduction, price + reduction, step), reduction) - rebated)
