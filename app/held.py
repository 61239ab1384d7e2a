"""A figure of the firm agreement by agreement, as each role holds it: what adds up to the numbers on Today.

Most roles hold a figure as a metric. What signed versions add counts in the month they were activated in, as on Today.
Copies of invoices are no metric: what they say was billed counts without the tax of the invoice they copy, what they
say was paid as it stands.
"""

from __future__ import annotations

import polars as pl

from app import metrics
from app.data import Snapshot
from app.figures import Figure
from contracts.breaks import LIVE, among
from contracts.metric import find

__all__ = ["held_by_agreement"]

#: What is read otherwise than as a metric, up to a month, by measure and role.
_READ = {
    ("contracted", "CRM"): """
        select agreement_id, currency, sum(delta_amount) as amount from marts.agreement_version
        where is_signed and strftime(coalesce(cast(activated_at as date), signed_on), '%Y-%m') <= $period group by all
    """,
    ("billed", "CRM"): """
        select agreement_id, currency, sum(held_amount) as amount from marts.agreement_evidence
        where measure = 'billed' and role = $role and period <= $period group by all
    """,
    **dict.fromkeys((("cash", "CRM"), ("cash", "PSA")), """
        select agreement_id, currency, sum(amount) as amount from marts.agreement_evidence
        where measure = 'cash' and role = $role and (period is null or period <= $period) group by all
    """),
}  # fmt: skip


def held_by_agreement(snapshot: Snapshot, figure: Figure, roles: list[str], period: str) -> pl.DataFrame:
    """What each role holds of each agreement up to the end of a month, and the greatest difference between them.

    A role that holds a figure for the firm only has no column. What names no agreement is a row without a number.
    """
    sides = {role: _held(snapshot, figure, role, period) for role in roles}
    known = {role: side for role, side in sides.items() if side["agreement_id"].drop_nulls().len()}
    if not known:
        return pl.DataFrame()
    keys = ["agreement_id", "currency"]
    found = pl.concat(side.select(keys) for side in known.values()).unique()
    for role, side in known.items():
        found = found.join(side.rename({"amount": role}), on=keys, how="left", nulls_equal=True)
    amounts = [pl.col(role).fill_null(0) for role in known]
    return (
        found.with_columns(difference=pl.max_horizontal(amounts) - pl.min_horizontal(amounts))
        .join(_named(snapshot), on="agreement_id", how="left")
        .sort("difference", *known, "agreement_number", descending=[True, *[True] * len(known), False], nulls_last=True)
    )


def _held(snapshot: Snapshot, figure: Figure, role: str, period: str) -> pl.DataFrame:
    if sql := _READ.get((figure.measure, role)):
        asked = {name: value for name, value in {"role": role, "period": period}.items() if f"${name}" in sql}
        found = snapshot.frame(sql, asked)
    else:
        question = metrics.Question(find(figure.metric), role, period, metrics.BOOK, {})
        found = metrics.by_agreement(snapshot, question)
    return found.with_columns(pl.col("amount").cast(pl.Decimal(38, 4)))


def _named(snapshot: Snapshot) -> pl.DataFrame:
    """Agreements by the names people know, with how many breaks stand on each."""
    return snapshot.frame(
        f"""
        select agreement.agreement_id, agreement.agreement_number, agreement.agreement_name, customer.customer_name,
               entity.legal_entity_code, agreement.state, coalesce(standing.breaks, 0) as breaks
        from marts.agreement as agreement
        left join marts.customer as customer on customer.customer_id = agreement.customer_id
        left join marts.legal_entity as entity on entity.legal_entity_id = agreement.legal_entity_id
        left join (
            select agreement_id, count(*) as breaks from recon.breaks
            where {among("status", LIVE)} group by agreement_id
        ) as standing on standing.agreement_id = agreement.agreement_id
        """
    )
