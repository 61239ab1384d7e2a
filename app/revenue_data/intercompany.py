"""Work of legal entities for each other: what is due by policy, what either has in its books, pair by pair."""

from __future__ import annotations

import polars as pl

from app.data import Snapshot
from app.revenue_data.scope import Scope, frame

__all__ = ["TABLES", "pairs", "projects"]

#: The relations read here; runs of before have none.
TABLES = ("intercompany", "recharges")

_PAIRED = """
    book = $book and period between $first and $last and ($currency = '' or currency = $currency)
    and ($legal_entity = '' or $legal_entity in (performing_entity, contracting_entity))
"""


def pairs(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """performing_entity, contracting_entity, currency; hours, unrated_hours, due, receivable, payable, difference.

    Amounts are in the currency of the rate and are never added up over currencies; `difference` is what the books of
    the two do not have alike, and stays after consolidation.
    """
    return frame(
        snapshot,
        scope,
        f"""
        select performing_entity, contracting_entity, currency, sum(hours) as hours,
               sum(unrated_hours) as unrated_hours, sum(due_amount) as due, sum(receivable_amount) as receivable,
               sum(payable_amount) as payable, sum(difference_amount) as difference
        from revenue.intercompany where {_PAIRED}
        group by all order by due desc, performing_entity, contracting_entity, currency
        """,
    )


def projects(snapshot: Snapshot, scope: Scope, performing: str, contracting: str) -> pl.DataFrame:
    """The same pair by project and month, with the agreement, the rate, and what is due and booked."""
    return frame(
        snapshot,
        scope,
        f"""
        select recharges.period, project.project_code, agreement.agreement_number, recharges.currency,
               sum(recharges.hours) as hours, max(recharges.hourly_rate) as hourly_rate,
               sum(case when recharges.is_booked then 0 else coalesce(recharges.receivable_amount, 0) end) as due,
               sum(case when recharges.is_booked then recharges.receivable_amount else 0 end) as receivable,
               sum(case when recharges.is_booked then recharges.payable_amount else 0 end) as payable
        from (
            select * from revenue.recharges
            where {_PAIRED} and performing_entity = $performing and contracting_entity = $contracting
        ) as recharges
        left join marts.project as project on project.project_id = recharges.project_id
        left join marts.agreement as agreement on agreement.agreement_id = recharges.agreement_id
        group by all order by recharges.period desc, due desc, project.project_code
        """,
        performing=performing,
        contracting=contracting,
    )
