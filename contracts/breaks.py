"""The closed vocabulary of breaks: in which ways claims that ought to agree do not, and what helps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

__all__ = [
    "BREAKS",
    "GONE",
    "LIVE",
    "STANDING",
    "BreakFacts",
    "BreakStatus",
    "BreakType",
    "Direction",
    "MoneyKind",
    "Severity",
    "among",
    "worth",
]


class BreakType(StrEnum):
    """In which way claims disagree. Each member's facts are in `BREAKS`."""

    MISSING_RIGHT = "missing_right"
    MISSING_LEFT = "missing_left"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    RATE = "rate"
    FX = "fx"
    CURRENCY = "currency"
    TAX = "tax"
    TERMS = "terms"
    DATE = "date"
    TIMING = "timing"
    PERIOD = "period"
    STALE = "stale"
    STATE = "state"
    SEQUENCE = "sequence"
    DUPLICATE = "duplicate"
    AMBIGUOUS = "ambiguous"
    MANY_TO_ONE = "many_to_one"
    CROSSED = "crossed"
    HALF = "half"
    ORPHAN = "orphan"
    UNMAPPED = "unmapped"
    INACTIVE = "inactive"
    CLASSIFICATION = "classification"
    ENTITY = "entity"
    IDENTITY = "identity"
    LIMIT = "limit"
    OVERRUN = "overrun"
    LOSS = "loss"
    NEGATIVE = "negative"
    UNAPPROVED = "unapproved"
    UNEXPLAINED = "unexplained"
    UNREADABLE = "unreadable"

    @property
    def facts(self) -> BreakFacts:
        """Title, meaning and remedy of this type."""
        return BREAKS[self]


class Severity(StrEnum):
    """How much it matters; rises one step above materiality or on a strategic account."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"

    @property
    def meaning(self) -> str:
        """The severity in words."""
        return _SEVERITIES[self]


class BreakStatus(StrEnum):
    """Where a break stands in its life."""

    OPEN = "open"
    TIMING = "timing"  # the missing side is expected from a named event by a named date
    PROPOSED = "proposed"
    APPROVED = "approved"
    SENT = "sent"
    VERIFIED = "verified"  # gone after an action of ours
    CLEARED = "cleared"  # gone without one
    ACCEPTED = "accepted"

    @property
    def is_live(self) -> bool:
        """Whether claims still disagree."""
        return self.value in LIVE


#: What is worked on: still there, due, and not accepted.
STANDING = tuple(
    status.value for status in (BreakStatus.OPEN, BreakStatus.PROPOSED, BreakStatus.APPROVED, BreakStatus.SENT)
)
#: What went away.
GONE = (BreakStatus.CLEARED.value, BreakStatus.VERIFIED.value)
#: Everything about which claims still disagree: standing, only late, or accepted.
LIVE = tuple(status.value for status in BreakStatus if status.value not in GONE)


def among(column: str, statuses: Iterable[str]) -> str:
    """SQL for a status that is one of several: ``among("b.status", STANDING)``."""
    listed = ", ".join(f"'{status}'" for status in statuses)
    return f"{column} in ({listed})"


def worth(which: str = "true", of: str = "") -> str:
    """SQL for the money of breaks in base currency, once per cause: ``worth("b.status = 'open'", of="b.")``.

    A consequence is not counted again, and what says nothing about money adds none.
    """
    return f"coalesce(sum(abs({of}impact)) filter (where {of}is_root and {of}money_kind <> 'none' and {which}), 0)"


class MoneyKind(StrEnum):
    """What the money of a break says."""

    EXPOSURE = "exposure"  # what is at risk or blocked; no book is wrong by it
    MISSTATEMENT = "misstatement"  # a book is wrong by it
    NONE = "none"


class Direction(StrEnum):
    """Whether the deviating side says more or less than the reference."""

    OVER = "over"
    UNDER = "under"
    NONE = "none"


@dataclass(frozen=True)
class BreakFacts:
    """What a break type is called, means and calls for."""

    title: str
    meaning: str
    remedy: str


_SEVERITIES = {
    Severity.S1: "misstates a closed figure, duplicates money or breaks a limit of the agreement",
    Severity.S2: "money at risk this period",
    Severity.S3: "information or efficiency",
}

_B = BreakType

BREAKS: Mapping[BreakType, BreakFacts] = MappingProxyType(
    {
        _B.MISSING_RIGHT: BreakFacts(
            "Missing in the follower",
            "The reference side has it, the other side has nothing.",
            "Create it in the follower or send the stored event again.",
        ),
        _B.MISSING_LEFT: BreakFacts(
            "Missing at the owner",
            "The other side has it, the reference side has nothing.",
            "Have the owner confirm it; otherwise reverse the copy.",
        ),
        _B.AMOUNT: BreakFacts(
            "Amount differs", "Both sides have it with different money.", "Bring the follower to the owner's figure."
        ),
        _B.QUANTITY: BreakFacts(
            "Quantity differs", "Both sides have it with different hours or units.", "Reverse and post the owner's."
        ),
        _B.RATE: BreakFacts(
            "Rate differs",
            "The applied rate is not the one the agreement sets for that role and day.",
            "Re-rate what is unbilled; credit and rebill what is billed.",
        ),
        _B.FX: BreakFacts(
            "Exchange rate differs", "The rate used is not the one the policy sets.", "Correct the rate and repost."
        ),
        _B.CURRENCY: BreakFacts(
            "Currency differs", "The sides are in different currencies.", "Correct before the first invoice."
        ),
        _B.TAX: BreakFacts("Tax differs", "Tax, net and gross do not agree.", "Recompute; credit and rebill."),
        _B.TERMS: BreakFacts("Terms differ", "Payment terms are not those signed.", "Bring the follower up to date."),
        _B.DATE: BreakFacts("Date differs", "A start, end or effective date differs.", "Take the signed date."),
        _B.TIMING: BreakFacts(
            "Not there yet", "The event is due and has not arrived.", "Wait until the named date, then act."
        ),
        _B.PERIOD: BreakFacts(
            "Wrong period", "It is posted in a period it does not belong to.", "Move it to the next open period."
        ),
        _B.STALE: BreakFacts("Out of date", "A copy was not refreshed.", "Refresh the copy from its owner."),
        _B.STATE: BreakFacts(
            "State differs",
            "The sides disagree on where the thing stands.",
            "Follow the owner's state; reverse what ran ahead of it.",
        ),
        _B.SEQUENCE: BreakFacts(
            "Out of order",
            "Something happened before what it depends on.",
            "Hold what ran ahead until the earlier event is there.",
        ),
        _B.DUPLICATE: BreakFacts(
            "Duplicate", "One thing stands there more than once.", "Keep the first, reverse or merge the others."
        ),
        _B.AMBIGUOUS: BreakFacts(
            "Ambiguous match",
            "Several candidates fit and none clearly best.",
            "A person confirms or refuses the match.",
        ),
        _B.MANY_TO_ONE: BreakFacts(
            "Many to one", "Several records point at the same one.", "Relink each to its own counterpart."
        ),
        _B.CROSSED: BreakFacts(
            "Crossed references", "The two directions of a reference name different records.", "Relink both directions."
        ),
        _B.HALF: BreakFacts("Half a reference", "Only one direction of a reference is there.", "Write the other."),
        _B.ORPHAN: BreakFacts("Orphan", "A reference points at a record that is not there.", "Relink or unlink."),
        _B.UNMAPPED: BreakFacts("Not mapped", "A code has no counterpart in the other system.", "Create the mapping."),
        _B.INACTIVE: BreakFacts("Inactive", "The counterpart is switched off.", "Switch it on or move to another."),
        _B.CLASSIFICATION: BreakFacts(
            "Classified differently", "Type, category or account class differs.", "Correct the class; reclass balances."
        ),
        _B.ENTITY: BreakFacts(
            "Wrong legal entity", "It is posted in another entity than it belongs to.", "Reverse and repost."
        ),
        _B.IDENTITY: BreakFacts(
            "Identity does not hold",
            "Figures that add up by definition do not.",
            "Find the one-sided entry by its period and correct it.",
        ),
        _B.LIMIT: BreakFacts("Over the limit", "A cap or contract value is exceeded.", "Stop, credit, or amend."),
        _B.OVERRUN: BreakFacts("Over budget", "Work exceeds what was planned or funded.", "Amend, stop or write down."),
        _B.LOSS: BreakFacts(
            "Loss to come",
            "The cost at completion is above the price.",
            "Look at the estimate again; provide for the whole loss where it stands.",
        ),
        _B.NEGATIVE: BreakFacts("Negative balance", "A balance is below zero.", "Reverse, or net to its opposite."),
        _B.UNAPPROVED: BreakFacts("Without approval", "It lacks the approval it needs.", "Approve it or reverse it."),
        _B.UNEXPLAINED: BreakFacts("Unexplained movement", "A movement has no cause.", "Name the cause or correct it."),
        _B.UNREADABLE: BreakFacts(
            "Unreadable",
            "The record is there but failed its contract, so nothing can be said about it.",
            "Repair it at the source and replay it from quarantine.",
        ),
    }
)
