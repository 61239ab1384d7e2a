"""Bridges: from one figure to another, cause by cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from app.data import Row, Snapshot
from app.format import label
from app.revenue_data.scope import IN_SCOPE, NAMED, RATES, Scope, first, frame

__all__ = ["BRIDGES", "Bridge", "bridge", "bridge_agreements", "disclosed", "unexplained"]


@dataclass(frozen=True)
class Bridge:
    """A walk from one figure to another: of what happened in the months, or of what stands at their end."""

    title: str
    start: str
    end: str
    causes: Mapping[str, str]
    kinds: tuple[str, ...]
    adds_up_months: bool
    help: str

    def named(self, cause: str) -> str:
        """A cause as it is said."""
        return self.causes.get(cause) or label(cause)

    def place(self, cause: str) -> tuple[int, str]:
        """Where a cause stands: in the order above, what is not named before the end."""
        order = list(self.causes)
        return (len(order) if cause == self.end else order.index(cause) if cause in order else len(order) - 1, cause)


BRIDGES: Mapping[str, Bridge] = {
    "billing_to_revenue": Bridge(
        "Billing to revenue",
        "billed",
        "recognised",
        {
            "billed": "Billings", "advance_billing": "Advance billing", "milestone_timing": "Milestone timing",
            "tm_lag": "T&M lag", "credit": "Credits", "fx": "FX", "not_due": "Not due yet",
            "unassigned": "On no obligation", "recognised": "Revenue",
        },
        ("invoiced", "credited", "worked", "accepted", "cost", "completed"),
        adds_up_months=True,
        help="What was billed in the months, and why it is not what was earned in them (I16): the change of deferred − "
        "contract asset + refund liability − unbilled receivable is billed less recognised.",
    ),
    "rpo_to_backlog": Bridge(
        "RPO to backlog",
        "rpo",
        "backlog",
        {
            "rpo": "RPO", "right_to_invoice": "T&M exempted", "one_year": "A year or less",
            "constrained": "Constrained", "concessions": "Concessions", "cancellable": "Cancellable",
            "reallocated": "Of ended parts", "backlog": "Backlog",
        },
        ("signed", "variable", "funded", "completed", "terminated"),
        adds_up_months=False,
        help="From remaining performance obligations, which are disclosed, to the backlog that is managed: what "
        "exemptions leave out, estimates that do not count yet, expected concessions, what the customer may cancel, "
        "and price that lay on parts of a bundle that have ended.",
    ),
}  # fmt: skip


def _walked(name: str) -> str:
    """SQL: the amounts of a bridge by agreement and cause, in the money of the view."""
    span = "between $first and $last" if BRIDGES[name].adds_up_months else "between $last and $last"
    return f"""
        {RATES},
        walked as (
            select bridges.agreement_id, bridges.cause, sum(bridges.amount * rates.rate) as amount
            from (select * from revenue.bridges where bridge = '{name}' and period {span} and {IN_SCOPE}) as bridges
            left join rates on rates.period = bridges.period and rates.currency = bridges.currency
            group by all having sum(bridges.amount * rates.rate) <> 0
        )
    """


def bridge(snapshot: Snapshot, scope: Scope, name: str) -> pl.DataFrame:
    """The bars of a bridge in their order, and of how many agreements each is made."""
    found = frame(
        snapshot,
        scope,
        f"with {_walked(name)} select cause, sum(amount) as amount, count(*) as agreements from walked group by cause",
    )
    place = BRIDGES[name].place
    order = {cause: index for index, cause in enumerate(sorted(found["cause"], key=place))}
    return found.sort(pl.col("cause").replace_strict(order, return_dtype=pl.Int32))


def unexplained(snapshot: Snapshot, scope: Scope, name: str) -> Decimal:
    """What the causes of each agreement leave, whatever its direction, added up: it must be zero."""
    end = BRIDGES[name].end
    found = first(
        snapshot,
        scope,
        f"""
        with {_walked(name)},
        residuals as (
            select abs(sum(case cause when '{end}' then -amount else amount end)) as amount
            from walked group by agreement_id
        )
        select coalesce(sum(amount), 0) as amount from residuals
        """,
    )
    return found["amount"] if found else Decimal(0)


def disclosed(snapshot: Snapshot, scope: Scope) -> Row | None:
    """RPO as the revenue system discloses it and by policy, at the last revenue run; None before it and where no
    obligation is flagged exempt."""
    return first(
        snapshot,
        scope,
        f"""
        with {RATES}
        select max(stated.period) as period,
               coalesce(sum(stated.amount * rates.rate) filter (where is_disclosed), 0) as disclosed,
               coalesce(sum(stated.amount * rates.rate) filter (where not is_disclosed), 0) as by_policy
        from (select * from revenue.rpo_disclosed where period <= $last and {IN_SCOPE}) as stated
        left join rates on rates.period = stated.period and rates.currency = stated.currency
        having count(*) filter (where is_flagged) > 0
        """,
    )


def bridge_agreements(snapshot: Snapshot, scope: Scope, name: str, cause: str) -> pl.DataFrame:
    """The agreements behind one bar of a bridge, the largest first."""
    return frame(
        snapshot,
        scope,
        f"with {_walked(name)}, summed as (select agreement_id, amount from walked where cause = $cause) {NAMED}",
        cause=cause,
    )
