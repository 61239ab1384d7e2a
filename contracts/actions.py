"""What Tieout may propose: the closed vocabulary of corrections, who approves each, and what undoes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

__all__ = [
    "ACTIONS",
    "ActionFacts",
    "ActionKind",
    "ActionStatus",
    "ApprovalPolicy",
    "ApproverRole",
    "may_approve",
]


class ActionKind(StrEnum):
    """The kinds of correction. Each member's facts are in `ACTIONS`."""

    LINK = "LINK"
    UNLINK = "UNLINK"
    CREATE = "CREATE"
    COMPLETE = "COMPLETE"
    DEACTIVATE = "DEACTIVATE"
    REFRESH_STATUS = "REFRESH_STATUS"
    REPLAY = "REPLAY"
    HOLD = "HOLD"
    RELEASE = "RELEASE"
    REVERSE = "REVERSE"
    REVERSE_AND_REPOST = "REVERSE_AND_REPOST"
    RE_RATE = "RE_RATE"
    CREDIT_AND_REBILL = "CREDIT_AND_REBILL"
    TRUE_UP = "TRUE_UP"
    CATCH_UP = "CATCH_UP"
    RECLASS = "RECLASS"
    ACCRUE = "ACCRUE"
    MERGE = "MERGE"
    SPLIT = "SPLIT"
    ROUTE = "ROUTE"

    @property
    def facts(self) -> ActionFacts:
        """Effect, approver and compensation of this kind."""
        return ACTIONS[self]


class ApproverRole(StrEnum):
    """Who may approve. A person of the project file has some of these; `controller` covers them all."""

    ANALYST = "analyst"
    DATA_STEWARD = "data_steward"
    BILLING_LEAD = "billing_lead"
    CONTRACT_OWNER = "contract_owner"
    FINANCE = "finance"
    REVENUE_ACCOUNTANT = "revenue_accountant"
    GENERAL_LEDGER = "general_ledger"
    CONTROLLER = "controller"


class ApprovalPolicy(StrEnum):
    """How many people stand between a proposal and its delivery. The preparer is never one of them."""

    NONE = "none"  # a task for a person: carrying it out is the decision
    AUTOMATIC = "automatic"  # a copy brought up to date; the payload is complete, nothing financial moves
    SINGLE = "single"  # one person of the required role, two above that person's limit
    DUAL = "dual"  # always two different people


class ActionStatus(StrEnum):
    """Where an action stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    EMITTED = "emitted"
    SENDING = "sending"
    UNKNOWN = "unknown"  # sent, no answer: read back before anything else
    APPLIED = "applied"
    REFUSED = "refused"  # the precondition no longer held
    FAILED = "failed"
    DEAD = "dead"
    VERIFIED = "verified"  # the next run no longer finds the break
    SUPERSEDED = "superseded"
    COMPENSATED = "compensated"


@dataclass(frozen=True)
class ActionFacts:
    """What a kind of correction does, who approves it, and the kind that undoes it (None: nothing needs undoing)."""

    effect: str
    approver: ApproverRole | None
    policy: ApprovalPolicy
    compensation: ActionKind | None
    is_financial: bool


_NO = ApprovalPolicy.NONE
_AUTO = ApprovalPolicy.AUTOMATIC
_ONE = ApprovalPolicy.SINGLE
_TWO = ApprovalPolicy.DUAL
_STEWARD = ApproverRole.DATA_STEWARD
_BILLING = ApproverRole.BILLING_LEAD
_FINANCE = ApproverRole.FINANCE
_REVENUE = ApproverRole.REVENUE_ACCOUNTANT
_K = ActionKind

#: One row a kind: effect, approver, policy, compensation, whether money moves.
ACTIONS: Mapping[ActionKind, ActionFacts] = MappingProxyType(
    {
        _K.LINK: ActionFacts("records that two records are one thing", _STEWARD, _ONE, _K.UNLINK, False),
        _K.UNLINK: ActionFacts("withdraws a cross-reference", _STEWARD, _ONE, _K.LINK, False),
        _K.CREATE: ActionFacts("creates a missing record in a follower", None, _AUTO, _K.DEACTIVATE, False),
        _K.COMPLETE: ActionFacts("fills what a record lacks", None, _AUTO, _K.COMPLETE, False),
        _K.DEACTIVATE: ActionFacts("switches a record off, keeping it", _STEWARD, _ONE, _K.COMPLETE, False),
        _K.REFRESH_STATUS: ActionFacts("copies the owner's status to a copy", None, _AUTO, _K.REFRESH_STATUS, False),
        _K.REPLAY: ActionFacts("sends a stored event again, with its own key", _FINANCE, _ONE, None, True),
        _K.HOLD: ActionFacts("stops billing or posting", _BILLING, _ONE, _K.RELEASE, False),
        _K.RELEASE: ActionFacts("allows billing or posting again", _BILLING, _ONE, _K.HOLD, True),
        _K.REVERSE: ActionFacts("reverses posted time, cost, revenue or an invoice", _FINANCE, _ONE, _K.REVERSE, True),
        _K.REVERSE_AND_REPOST: ActionFacts("reverses and posts again, right", _FINANCE, _ONE, _K.REVERSE, True),
        _K.RE_RATE: ActionFacts(
            "changes the rate of work not yet billed", ApproverRole.CONTRACT_OWNER, _ONE, _K.RE_RATE, True
        ),
        _K.CREDIT_AND_REBILL: ActionFacts(
            "credits a customer document and, where due, bills it again", ApproverRole.CONTROLLER, _ONE, _K.CREATE, True
        ),
        _K.TRUE_UP: ActionFacts("adjusts recognised revenue", _REVENUE, _ONE, _K.TRUE_UP, True),
        _K.CATCH_UP: ActionFacts("recognises in one entry what earlier periods lack", _REVENUE, _ONE, _K.TRUE_UP, True),
        _K.RECLASS: ActionFacts(
            "moves a balance to the account it belongs in", ApproverRole.GENERAL_LEDGER, _ONE, _K.RECLASS, True
        ),
        _K.ACCRUE: ActionFacts("posts an estimate at close that reverses itself", _FINANCE, _ONE, None, True),
        _K.MERGE: ActionFacts("makes two records of one thing one", _STEWARD, _TWO, _K.SPLIT, True),
        _K.SPLIT: ActionFacts("restores what a merge joined, from its stored image", _STEWARD, _TWO, _K.MERGE, True),
        _K.ROUTE: ActionFacts("asks a person", None, _NO, None, False),
    }
)


def may_approve(roles: Iterable[str], required: str | None) -> bool:
    """Whether a person with `roles` has the `required` role. A controller has every one; no requirement, no refusal."""
    held = set(roles)
    return required is None or ApproverRole.CONTROLLER.value in held or str(required) in held
