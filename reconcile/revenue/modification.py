"""What an amendment does to revenue: one table, read from the top; the first row that fits decides.

ASC 606-10-25-10 to 25-13; IFRS 15.18-21.

A decision is data: the treatment, a reason in words and the paragraph. A revenue accountant can override it; the
override is dated and takes effect in the period in which it was decided, never in a closed one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["TREATMENTS", "Change", "Override", "Treatment", "decide", "described"]

Name = Literal[
    "unsigned",
    "original",
    "separate",
    "prospective",
    "catch_up",
    "mixed",
    "credit_for_past",
    "termination",
    "re_estimate",
]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of one version, as far as the decision needs it. Amounts are ten-thousandths.

    `is_distinct`: what remains is distinct from what was delivered (None: by method). `ssp`: stand-alone selling price
    of what is added, None when it is not known. `adds_scope`: more hours, units or time. `is_retroactive`: a new rate
    from a day before the amendment.
    """

    is_signed: bool
    is_new: bool
    is_charged: bool
    is_series: bool
    amount: int
    ssp: int | None
    adds_scope: bool
    is_distinct: bool | None = None
    is_price_open: bool = False
    is_retroactive: bool = False
    takes_stated_as_ssp: bool = True


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done, why, and by which paragraph."""

    name: str
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class Override:
    """A revenue accountant's decision on a version (and obligation; None: all of it) in place of the policy's."""

    agreement_id: str
    book: str
    version_no: int
    obligation_key: str | None
    treatment: str
    decided_on: date
    period: str
    decided_by: str
    reason: str


#: Treatments an override may name: those that change how the lines of a version are accounted for.
TREATMENTS = ("separate", "prospective", "catch_up")

_UNSIGNED = Treatment(
    "unsigned",
    "Not approved: rights and obligations are unchanged; work done on it is at risk",
    "ASC 606-10-25-10 / IFRS 15.19",
)
_SEPARATE = Treatment(
    "separate",
    "Adds distinct services at their stand-alone selling price: a contract of its own",
    "ASC 606-10-25-12 / IFRS 15.20",
)
_PROSPECTIVE = Treatment(
    "prospective",
    "What remains is distinct from what was delivered: unrecognised price and addition are spread over the rest",
    "ASC 606-10-25-13(a) / IFRS 15.21(a)",
)
_CATCH_UP = Treatment(
    "catch_up",
    "What remains is not distinct from what was delivered: price and progress are remeasured at once",
    "ASC 606-10-25-13(b) / IFRS 15.21(b)",
)
_CHARGED = Treatment(
    "prospective",
    "Charged work: every hour is distinct and priced as delivered, so the change counts from now on",
    "ASC 606-10-25-13(a), 55-18 / IFRS 15.21(a), B16",
)
_RETROACTIVE = Treatment(
    "catch_up",
    "A rate agreed for hours already worked changes their price: their revenue is trued up at once",
    "ASC 606-10-32-42 to 32-45 / IFRS 15.87-90",
)


def _at_ssp(change: Change) -> bool:
    if change.ssp is None:
        return change.is_new and change.takes_stated_as_ssp
    return change.adds_scope and change.ssp == change.amount


def _distinct(change: Change) -> bool:
    return (change.is_new or change.is_series) if change.is_distinct is None else change.is_distinct


_TABLE: tuple[tuple[Callable[[Change], bool], Treatment], ...] = (
    (lambda change: not change.is_signed, _UNSIGNED),
    (lambda change: change.is_charged and not change.is_new and change.is_retroactive, _RETROACTIVE),
    (lambda change: change.is_charged and not change.is_new, _CHARGED),
    (lambda change: _distinct(change) and _at_ssp(change), _SEPARATE),
    (_distinct, _PROSPECTIVE),
    (lambda _: True, _CATCH_UP),
)


def decide(change: Change) -> Treatment:
    """The treatment of one line of an amendment.

    >>> decide(Change(True, False, False, False, 60_000_0000, None, True)).name
    'catch_up'
    """
    found = next(treatment for fits, treatment in _TABLE if fits(change))
    if not change.is_price_open or found is _UNSIGNED:
        return found
    return Treatment(
        found.name,
        f"{found.reason}; the scope is approved and its price is estimated as variable consideration",
        f"{found.rule}; 606-10-25-11 / IFRS 15.19",
    )


_NAMED = {treatment.name: treatment for treatment in (_UNSIGNED, _SEPARATE, _PROSPECTIVE, _CATCH_UP)}
_NAMED |= {
    "original": Treatment("original", "The agreement as first signed", "ASC 606-10-25-1 / IFRS 15.9"),
    "mixed": Treatment(
        "mixed",
        "Some of what remains is distinct and some is not: each obligation is treated by its own kind",
        "ASC 606-10-25-13(c) / IFRS 15.21(c)",
    ),
    "credit_for_past": Treatment(
        "credit_for_past",
        "A credit for work already delivered reduces its revenue at once and is not spread over the rest",
        "ASC 606-10-32-42 to 32-45, Example 5 Case B / IFRS 15.87-90, IE22",
    ),
    "re_estimate": Treatment(
        "re_estimate",
        "A new estimate of a variable amount follows the split at inception; satisfied obligations take it at once",
        "ASC 606-10-32-42 to 32-45 / IFRS 15.87-90",
    ),
    "termination": Treatment(
        "termination",
        "Ended early: the price is what was earned and the fee that is due; the rest leaves the backlog",
        "ASC 606-10-25-3, 25-10 / IFRS 15.11, 18",
    ),
}


def described(name: str) -> Treatment:
    """Reason and paragraph of a treatment by name."""
    return _NAMED[name]
