"""Terms of what should be: positions of each agreement at each month's end, recomputed from the evidence."""

from __future__ import annotations

from contracts.metric import RECOMPUTED, Part, Rows, Term

__all__ = [
    "RELEASED_WITHIN_A_YEAR",
    "REVENUE_RECOMPUTED",
    "at_month_end",
]

_POSITIONS = Rows(
    name="recomputed_positions",
    source="(select position.*, position.agreement_id || ' ' || position.period as source_id, "
    "cast(null as string) as connection, 'revenue.positions' as object, cast(null as bigint) as row_id "
    "from revenue.positions as position) as position",
    role=RECOMPUTED,
    period="position.period",
    record="position",
    currency="position.currency",
    book="position.book",
    agreement_id="position.agreement_id",
    customer_id="position.customer_id",
    legal_entity_id="position.legal_entity_id",
)

_MEANINGS = {
    "contract_value": "Value as signed, including signed amendments.",
    "billed": "Billed to date, net of tax.",
    "recognised": "Revenue to date as the evidence supports it.",
    "unbilled_receivable": "Unconditional right to payment, not yet invoiced.",
    "contract_asset": "Right conditional on something other than time, after setting off per agreement.",
    "contract_liability": "Billed ahead of performance, after setting off per agreement.",
    "refund_liability": "Billed or received, expected to be given back.",
    "receivable": "Billed and not paid, tax included.",
    "cash": "Cash applied to date.",
    "rpo": "Transaction price of obligations not yet satisfied, less the exemptions taken.",
    "rpo_next_12": "The part of it expected within twelve months.",
    "backlog": "Signed and not yet recognised.",
    "scheduled_backlog": "The part of it with a plan by period.",
}

_TERMS = {
    name: Term(f"recomputed_{name}", meaning, _POSITIONS, f"position.{name}", f"position.{name} <> 0")
    for name, meaning in _MEANINGS.items()
}


_RECOGNITION = Rows(
    name="recomputed_revenue_lines",
    source="(select earned.*, earned.obligation_key || ' ' || earned.period as source_id, "
    "cast(null as string) as connection, 'revenue.recognition' as object, cast(null as bigint) as row_id "
    "from revenue.recognition as earned) as earned",
    role=RECOMPUTED,
    period="earned.period",
    record="earned",
    where="earned.period_amount <> 0",
    currency="earned.currency",
    book="earned.book",
    agreement_id="earned.agreement_id",
    customer_id="earned.customer_id",
    legal_entity_id="earned.legal_entity_id",
)
REVENUE_RECOMPUTED = Term(
    "recomputed_revenue",
    "Revenue of obligations as the evidence supports it.",
    _RECOGNITION,
    "earned.period_amount",
)


_RELEASES = Rows(
    name="deferred_releases",
    source="(select release.*, release.agreement_id || ' ' || release.period || ' ' || release.release_period "
    "as source_id, cast(null as string) as connection, 'revenue.deferred_releases' as object, "
    "cast(null as bigint) as row_id from revenue.deferred_releases as release) as release",
    role=RECOMPUTED,
    period="release.period",
    record="release",
    currency="release.currency",
    book="release.book",
    agreement_id="release.agreement_id",
    customer_id="release.customer_id",
    legal_entity_id="release.legal_entity_id",
)
RELEASED_WITHIN_A_YEAR = Term(
    "deferred_released_within_year",
    "Contract liability planned to be earned in the twelve months after the month's end.",
    _RELEASES,
    "release.amount",
    "release.is_within_year",
)


def at_month_end(position: str, factor: int = 1) -> Part:
    """The recomputed balance of a position at the end of the month asked for."""
    return Part(_TERMS[position], factor, of=RECOMPUTED, roles=(RECOMPUTED,))
