"""A performance obligation while it is worked: its price in layers over its progress, and what it has earned.

    earned = settled + Σ over layers of price x clamp(position - start, 0, size) / size

A layer is a part of the price spread over a stretch of progress (hours, cost, units, accepted weight, days, months).
The original price is one layer. A cumulative catch-up changes the price or the size of the layer; a prospective change
ends it and lays a new one over the rest; a separate contract on the same obligation is a further layer after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from reconcile.revenue.evidence import Event
from reconcile.revenue.methods import Method
from reconcile.revenue.months import day_position, month_position
from reconcile.revenue.rounding import half_up

__all__ = ["Layer", "Promise"]


_CHARGED_LESS = (
    "ASC 606-10-55-20, 32-5 to 32-10 / IFRS 15.B18, 50-55: input measure by the value of the work, less what is "
    "expected to be given back"
)


@dataclass(slots=True)
class Layer:
    """A part of the price over a stretch of progress."""

    price: int
    start: int
    size: int


class Progress(NamedTuple):
    """How far an obligation was at the opening of a period: what a change of terms is measured against."""

    done: int = 0
    spent: int = 0
    uninstalled_done: int = 0
    charged: int = 0
    adjusted: int = 0
    charges: int = 0
    is_complete: bool = False


@dataclass(slots=True)
class Promise:
    """The state of one obligation. Amounts are ten-thousandths, quantities hundred-millionths."""

    key: str
    method: Method
    step: int
    is_by_policy: bool = False
    name: str = ""
    unit: str = ""
    start_on: date | None = None
    end_on: date | None = None
    # price
    stated: int = 0
    ssp: int | None = None
    ssp_source: str = ""
    cap: int | None = None
    layers: list[Layer] = field(default_factory=list)
    variable: int = 0
    gross_variable: int = 0
    reduction: int = 0
    is_cancellable: bool = False
    markup: int = 0
    is_agent: bool = False
    band: str = ""
    # progress
    done: int = 0
    worked: int = 0
    planned: int = 0
    spent: int = 0
    uninstalled_plan: int = 0
    uninstalled_done: int = 0
    charged: int = 0
    adjusted: int = 0
    charges: list[tuple[date, int, int]] = field(default_factory=list)
    #: Work, cost, acceptance and completion that have counted: what of it came after an early end is taken back.
    delivered: list[Event] = field(default_factory=list)
    settled: int = 0
    expected_value: int = 0
    expected_cost: int = 0
    exit_penalty: int | None = None
    waived: int = 0
    closes_with_service: bool = True
    is_complete: bool = False
    is_terminated: bool = False
    #: The obligation as it stood on its last day, once it is terminated: what was done by then and is known later.
    ended: Promise | None = None
    ended_on: date | None = None
    is_suspended: bool = False
    counted: int = 0
    opening: Progress = field(default_factory=Progress)
    # what was shown at the end of the last period
    cumulative: int = 0
    provision: int = 0
    catch_up: int = 0
    prior: int = 0
    # billing
    billed: int = 0
    rebated: int = 0
    scheduled: int | None = None

    @property
    def price(self) -> int:
        """Price allocated to the obligation, with what was settled; for charged work the estimate or the cap."""
        if self.method.axis == "charged":
            return self.committed - self.reduction
        return self.settled + self.uninstalled_plan + sum(layer.price for layer in self.layers)

    @property
    def committed(self) -> int:
        """Charged work: the estimate, no higher than the cap; the cap where there is no estimate."""
        if self.cap is None:
            return self.stated
        return min(self.stated, self.cap) if self.stated else self.cap

    @property
    def rule(self) -> str:
        """The paragraph it is earned by. What will be given back does not follow the hours: they measure progress."""
        return _CHARGED_LESS if self.is_charged_less else self.method.rule

    @property
    def is_charged_less(self) -> bool:
        """Charged work of whose price a part is expected to be given back: the right to invoice is no measure of it."""
        return self.method.axis == "charged" and self.reduction > 0

    @property
    def given_back(self) -> int:
        """Charged work: what of its value is expected to be given back, as far as the work agreed is done."""
        if not self.is_charged_less or self.committed <= 0:
            return 0
        value = self.within_cap(self.charged) + self.adjusted
        done = self.committed if self.is_complete else min(max(value, 0), self.committed)
        return half_up(self.reduction * done, self.committed, self.step)

    @property
    def end(self) -> int:
        """Where the progress axis ends, counted like `done`."""
        return max((layer.start + layer.size for layer in self.layers), default=0)

    def within_cap(self, charged: int) -> int:
        """What charged work of a value earns: the value up to the cap; progress times a cap expected to bind."""
        if self.cap is None:
            return charged
        if self.expected_value > self.cap:
            return half_up(self.cap * min(charged, self.expected_value), self.expected_value, 1)
        return min(charged, self.cap)

    def add_price(self, delta: int, *, is_reduction: bool = False) -> None:
        """Changes the price of what is being delivered; an ended obligation takes it at once."""
        if is_reduction:
            self.reduction -= delta
        if self.layers:
            self.layers[0].price += delta
        elif self.is_terminated or not (is_reduction and self.method.axis == "charged"):
            self.settled += delta

    def complete(self) -> None:
        """Done, by evidence."""
        self.is_complete = True

    def axis(self, ordinal: int) -> int:
        """Where on its axis the obligation is at the beginning of a day."""
        axis = self.method.axis
        if axis == "days":
            return day_position(ordinal)
        return month_position(ordinal) if axis == "months" else self.done

    def earned(self, ordinal: int) -> int:
        """Revenue to date at the beginning of a day, rounded to the minor unit (cumulative rounding, I17)."""
        if self.is_terminated:
            return self.settled
        special = _SPECIAL.get(self.method.axis)
        if special is not None:
            return special(self)
        if self.is_finished(ordinal):
            return self.price
        position = self.axis(ordinal)
        layers = self.layers
        fixed = self.settled + min(self.uninstalled_done, self.uninstalled_plan)
        if len(layers) == 1:
            layer = layers[0]
            reached = min(max(position - layer.start, 0), layer.size)
            return fixed + half_up(layer.price * reached, layer.size, self.step) if layer.size else fixed
        return fixed + self._of_layers(position)

    def open_period(self) -> None:
        """Keeps how far it is: what is done from now on is this period's own."""
        self.opening = Progress(
            self.done, self.spent, self.uninstalled_done, self.charged, self.adjusted, len(self.charges),
            self.is_complete,
        )  # fmt: skip

    def earned_before(self, ordinal: int) -> int:
        """What was done before the period comes to on today's terms, whatever the period itself has added."""
        opening = self.opening
        then = replace(
            self,
            done=opening.done,
            spent=opening.spent,
            uninstalled_done=opening.uninstalled_done,
            charged=opening.charged,
            adjusted=opening.adjusted,
            is_complete=opening.is_complete and self.is_complete,
        )
        return then.earned(ordinal)

    def is_finished(self, ordinal: int) -> bool:
        """Done by evidence, or by the end of its service where that completes it and something was done."""
        return self.is_complete or (self.has_ended(ordinal) and (self.done > 0 or self.method.lapses))

    def has_ended(self, ordinal: int) -> bool:
        """Whether the service that completes it is over at the beginning of a day."""
        if not (self.method.ends_with_service and self.closes_with_service) or self.end_on is None:
            return False
        return self.end_on.toordinal() < ordinal

    def _of_layers(self, position: int) -> int:
        numerator, denominator = 0, 1
        for layer in self.layers:
            reached = min(max(position - layer.start, 0), layer.size)
            if layer.size and reached:
                numerator = numerator * layer.size + layer.price * reached * denominator
                denominator *= layer.size
        return half_up(numerator, denominator, self.step)


def _charged(promise: Promise) -> int:
    """Approved value within the cap, and corrections outside it, less what is expected to be given back of it."""
    value = half_up(promise.within_cap(promise.charged) + promise.adjusted, 1, promise.step) + promise.settled
    return value - promise.given_back


def _recovered(promise: Promise) -> int:
    """Cost, no more than the price (ASC 606-10-25-37; IFRS 15.45)."""
    return half_up(min(promise.spent, promise.price - promise.settled), 1, promise.step) + promise.settled


def _resolved(promise: Promise) -> int:
    """What is included in the price, once it is included."""
    return promise.settled + promise.layers[0].price


_SPECIAL: Mapping[str, Callable[[Promise], int]] = {"charged": _charged, "cost": _recovered, "resolved": _resolved}
