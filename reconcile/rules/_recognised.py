"""What the checks of recognised revenue have in common: the two sides of a line, and the catch-up that corrects it.

Each agreement line belongs to one of these checks, by how it is earned or by an amendment that was treated otherwise
than decided, so that its difference is told once. Both sides are cumulative to the last month whose revenue run is
done; what is planned since to correct it counts as booked.
"""

from __future__ import annotations

from reconcile.rule import ActionKind, Correction, Side, Tolerance

__all__ = [
    "BOOKED",
    "CAUSE",
    "FACTS",
    "PAYLOAD",
    "PROGRESS",
    "REQUIRES",
    "SHOULD_BE",
    "UNSCHEDULED",
    "caught_up",
    "either",
    "sides",
]

_ROWS = "revenue.line_revenue"


def sides(question: str) -> tuple[Side, Side]:
    """What the evidence says and what the books recognised, of the lines that a check asks about."""
    mine = f"question = '{question}'"
    return (
        Side("CRM", _ROWS, where=f"{mine} and not is_booked", amount="amount"),
        Side("REVREC", _ROWS, where=f"{mine} and is_booked", amount="amount"),
    )


def either(name: str) -> str:
    """A fact of the line, whichever of the two sides knows it."""
    return f"coalesce(reference.{name}, other.{name})"


#: Hours are rounded when they are sent: a hundredth of a point of progress, at least 1.00. Every difference above it is
#: told by a break, so that what stands beside the books on a line, and in a balance because of it, has its cause.
PROGRESS = Tolerance.absolute(f"greatest(1.00, minor_unit, coalesce({either('price_amount')}, 0) / 10000)")

SHOULD_BE, BOOKED = either("earned_amount"), either("booked_amount")

#: Reasons that come before any other: rows that are set aside, evidence that cannot be used, no evidence at all, an
#: end that the books did not follow.
CAUSE = (
    f"when {either('hidden_row_count')} > 0 then 'quarantined' "
    f"when {either('status')} = 'suspended' then 'the evidence cannot be used' "
    f"when {either('status')} = 'unknown' then 'nothing signed stands behind it' "
    f"when {either('status')} = 'terminated' and {BOOKED} > {SHOULD_BE} then 'the agreement ended early' "
)

FACTS = {
    "agreement_id": either("agreement_id"),
    "customer_id": either("customer_id"),
    "legal_entity_id": either("legal_entity_id"),
    "period": either("last_period"),
}

PAYLOAD = {
    "agreement_line_key": either("obligation_key"),
    "obligation_name": either("obligation_name"),
    "obligation_ref": either("obligation_ref"),
    "first_off": either("first_off"),
    "earned_amount": SHOULD_BE,
    "booked_amount": BOOKED,
}

#: Less is recognised of a line because its schedule lacks what stays deferred. A liability that stays because more was
#: billed than is earned (K60 as well) says nothing of what was recognised.
UNSCHEDULED = ("K60", "agreement_line_key=short_line_key")

#: What both sides are read from.
REQUIRES = (
    ("REVREC", "revenue_line"),
    ("REVREC", "obligation"),
    ("CRM", "agreement"),
    ("CRM", "agreement_line"),
    ("CRM", "agreement_version"),
)


def caught_up(reason: str) -> Correction:
    """Ask revenue accounting to update the plan: posted months stay, the open month takes what they lack."""
    return Correction(
        kind=ActionKind.CATCH_UP,
        entity="agreement_line",
        target_role="REVREC",
        when="obligation_ref is not null and cause <> 'quarantined'",
        target="obligation_ref",
        posting_period="period",
        changes=(
            (
                "revenueelement",
                "obligation_ref",
                "recognised",
                "cast(cast(right_value as decimal(18,4)) as decimal(18,2))",
                "cast(cast(left_value as decimal(18,4)) as decimal(18,2))",
            ),
        ),
        reason=reason,
    )
