"""What a metric is: one definition for SQL, the dashboard, the command and the docs.

A metric is made of terms, and a term is a sum over rows that everybody can read: a relation of the published snapshot,
a condition, an amount. The value is the sum of its terms, or the ratio of two such sums, so every number can be added
up again and followed to its records. Metrics live in `contracts/metrics/`, one family a file; those that no system of
the firm holds are there too, with the reason, and have no value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from contracts.errors import ConfigError
from contracts.ownership import Queue
from contracts.registry import discover

__all__ = [
    "KEYS",
    "RECOMPUTED",
    "Aim",
    "Metric",
    "Part",
    "Rows",
    "Shape",
    "Span",
    "Term",
    "Unit",
    "find",
    "metrics",
    "terms",
]

#: The role of what Tieout derives itself, from the signed agreement and the evidence of delivery.
RECOMPUTED = "RECOMPUTED"

#: What a metric can be asked by, and the column of `metrics.metric_terms` behind each.
KEYS = {
    "agreement": "agreement_id",
    "customer": "customer_id",
    "legal_entity": "legal_entity_id",
    "project": "project_id",
    "currency": "currency",
    "book": "book",
    "period": "period",
    "role": "role",
}


class Unit(StrEnum):
    """What a value is counted in."""

    MONEY = "money"
    MONEY_PER_HOUR = "money per hour"
    RATIO = "ratio"
    HOURS = "hours"
    DAYS = "days"
    COUNT = "count"


class Aim(StrEnum):
    """Which way is good."""

    HIGHER = "higher is better"
    LOWER = "lower is better"
    ZERO = "zero is right"
    NEITHER = "neither"


class Shape(StrEnum):
    """How terms make the value."""

    SUM = "sum"
    RATIO = "ratio"
    MEDIAN = "median"
    P95 = "95th percentile"

    @property
    def place(self) -> str | None:
        """Where its value stands among its rows in order, as a part of them: it is the value of one, and no sum."""
        return {Shape.MEDIAN: "0.5", Shape.P95: "0.95"}.get(self)


class Span(StrEnum):
    """Which months of a term count, seen from the month asked for."""

    PERIOD = "of the month"
    TO_DATE = "up to the end of the month"
    OPENING = "up to the end of the month before"
    QUARTER = "of the month and the two before it"
    WHOLE = "of all months, planned ones included"


@dataclass(frozen=True)
class Rows:
    """The rows that terms are read from: a relation of the snapshot, and what each row says about itself.

    All fields are SQL, in the words of the models (``{{ days_from('a', 'b') }}``, ``{{ period_of('a') }}``). `record`
    is the alias that has row_id, connection, object and source_id. A row without a book counts alike in every book.
    """

    name: str
    source: str
    role: str
    period: str
    record: str
    where: str = ""
    currency: str = "cast(null as string)"
    book: str = "cast(null as string)"
    agreement_id: str = "cast(null as string)"
    customer_id: str = "cast(null as string)"
    legal_entity_id: str = "cast(null as string)"
    project_id: str = "cast(null as string)"

    @property
    def is_of_the_run(self) -> bool:
        """Read from what reconciliation found: there only once it has run."""
        return "recon." in self.source


@dataclass(frozen=True)
class Term:
    """A sum over rows: `amount` of those that satisfy `where`. `by_record` keeps each row, for medians."""

    name: str
    meaning: str
    rows: Rows
    amount: str
    where: str = ""
    unit: Unit = Unit.MONEY
    by_record: bool = False


@dataclass(frozen=True)
class Part:
    """A term in a metric: how often it counts, over which months, and of which role.

    `of` names the role whose rows are read where it is not the one asked for; `roles` limits the part to some of the
    metric's roles.
    """

    term: Term
    factor: int = 1
    span: Span = Span.PERIOD
    of: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metric:
    """One metric: what it means, how it is made, who owns it, and where the definition comes from."""

    name: str
    title: str
    meaning: str
    formula: str
    unit: Unit
    owner: Queue
    source: str
    aim: Aim
    keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    divisor: tuple[Part, ...] = ()
    shape: Shape = Shape.SUM
    #: The ratio counts days: it is multiplied by the days of the months the divisor spans.
    in_days: bool = False
    #: Only the present is known: earlier months have no value.
    now_only: bool = False
    #: Why there is no value: what no system states. Empty: there is one.
    not_held: str = ""
    #: Streams that a firm need not export and that the metric needs, all of them: without one there is no value.
    streams: tuple[str, ...] = ()
    variants: tuple[str, ...] = field(default=())

    @property
    def is_available(self) -> bool:
        """There is a value."""
        return not self.not_held

    @property
    def is_of_the_run(self) -> bool:
        """Some term is found by reconciliation, not by the models."""
        return any(part.term.rows.is_of_the_run for part in (*self.parts, *self.divisor))

    def asked(self, role: str) -> Iterator[tuple[str, Part, str]]:
        """The parts that count for a role: side (``value`` or ``divisor``), part, and the role whose rows are read."""
        for side, parts in (("value", self.parts), ("divisor", self.divisor)):
            for part in parts:
                if not part.roles or role in part.roles:
                    yield side, part, part.of or role


@cache
def metrics() -> dict[str, Metric]:
    """Every metric by name, in the order of the families and within a family as written."""
    found: dict[str, Metric] = {}
    for family in discover("contracts.metrics", "METRICS").values():
        for metric in family:
            if metric.name in found:
                raise LookupError(f"Two metrics are called {metric.name}. Name variants apart.")
            found[metric.name] = metric
    return found


@cache
def terms() -> dict[str, Term]:
    """Every term that some metric is made of, by name."""
    found: dict[str, Term] = {}
    for metric in metrics().values():
        for part in (*metric.parts, *metric.divisor):
            if found.setdefault(part.term.name, part.term) != part.term:
                raise LookupError(f"Two terms are called {part.term.name}. Name them apart.")
    return dict(sorted(found.items()))


def find(name: str) -> Metric:
    """A metric by its name; an unknown one is refused with the nearest names."""
    from difflib import get_close_matches

    known = metrics()
    if name not in known:
        near = get_close_matches(name, known, n=3)
        raise ConfigError(
            f"There is no metric {name}",
            then=f"Perhaps {' or '.join(near)}?" if near else "See `tieout list metrics`.",
        )
    return known[name]
