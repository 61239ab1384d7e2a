"""Terms of what should be: positions of each agreement at each month's end, recomputed from the evidence."""

from __future__ import annotations

from contracts.metric import RECOMPUTED, Part, Rows, Term

__all__ = [
    "OF_EARLIER_WORK",
    "RELEASED_FROM_OPENING",
    "RELEASED_WITHIN_A_YEAR",
    "REVENUE_RECOMPUTED",
    "at_month_end",
]


def _computed(name: str, table: str, record: str, *key: str, read: str = "") -> Rows:
    """Rows of a computed table, which no system has: a record is named by the columns of its `key`.

    `read` is the select of the table where more is needed than its columns.
    """
    relation = f"({read})" if read else f"revenue.{table}"
    named = " || ' ' || ".join(f"{record}.{column}" for column in key)
    return Rows(
        name=name,
        source=f"(select {record}.*, {named} as source_id, cast(null as string) as connection, "
        f"'revenue.{table}' as object, cast(null as bigint) as row_id from {relation} as {record}) as {record}",
        role=RECOMPUTED,
        period=f"{record}.period",
        record=record,
        currency=f"{record}.currency",
        book=f"{record}.book",
        agreement_id=f"{record}.agreement_id",
        customer_id=f"{record}.customer_id",
        legal_entity_id=f"{record}.legal_entity_id",
    )


_POSITIONS = _computed("recomputed_positions", "positions", "position", "agreement_id", "period")

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
    "funded_backlog": "The part of it that needs no purchase order, or that purchase orders release money for.",
    "scheduled_backlog": "The part of it with a plan by period.",
}

_TERMS = {
    name: Term(f"recomputed_{name}", meaning, _POSITIONS, f"position.{name}", f"position.{name} <> 0")
    for name, meaning in _MEANINGS.items()
}


_RECOGNITION = _computed("recomputed_revenue_lines", "recognition", "earned", "obligation_key", "period")
REVENUE_RECOMPUTED = Term(
    "recomputed_revenue",
    "Revenue of obligations as the evidence supports it.",
    _RECOGNITION,
    "earned.period_amount",
    "earned.period_amount <> 0",
)
OF_EARLIER_WORK = Term(
    "recomputed_revenue_of_earlier_work",
    "The part of it that work of earlier months earned: changes of price or estimate, and late approvals.",
    _RECOGNITION,
    "earned.prior_period_amount",
    "earned.prior_period_amount <> 0",
)


_MONTHS = _computed(
    "recomputed_months", "positions", "month", "agreement_id", "period",
    read="select *, "
    "lag(contract_liability) over (partition by agreement_id, book order by period) as opening_liability, "
    "recognised - lag(recognised) over (partition by agreement_id, book order by period) as earned "
    "from revenue.positions",
)  # fmt: skip
RELEASED_FROM_OPENING = Term(
    "released_from_opening",
    "Revenue of the month, up to what the agreement had deferred when it began.",
    _MONTHS,
    "least(month.opening_liability, month.earned)",
    "month.opening_liability > 0 and month.earned > 0",
)


_RELEASES = _computed("deferred_releases", "deferred_releases", "release", "agreement_id", "period", "release_period")
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
