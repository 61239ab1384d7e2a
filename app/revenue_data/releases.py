"""Deferred revenue by the month in which it is planned to be earned: what stands at a month's end, and when it goes."""

from __future__ import annotations

import polars as pl

from app.data import Snapshot
from app.revenue_data.scope import IN_SCOPE, NAMED, RATES, Scope, frame

__all__ = ["LATER", "TABLE", "UNDATED", "bars", "months", "released_agreements"]

#: The relation read here; runs of before have none.
TABLE = "deferred_releases"
#: Bars that are no month: months after the next twelve, and what no plan reaches.
LATER, UNDATED = "later", "undated"

_RELEASES = f"""
    releases as (
        select release.agreement_id, release.release_period, release.amount * rates.rate as amount,
               case when release.release_period is null then '{UNDATED}'
                    when release.is_within_year then release.release_period else '{LATER}' end as bar
        from (select * from revenue.{TABLE} where {IN_SCOPE} and period = $last) as release
        left join rates on rates.period = $last and rates.currency = release.currency
    )
"""


def months(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """The balance at the end of the last month by the month of its release; what has no month comes last."""
    return _by(snapshot, scope, "release_period")


def bars(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """The same with one row for all months after the next twelve, in order."""
    return _by(snapshot, scope, "bar")


def _by(snapshot: Snapshot, scope: Scope, column: str) -> pl.DataFrame:
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES}, {_RELEASES}
        select {column}, sum(amount) as amount, count(distinct agreement_id) as agreements
        from releases group by {column} order by min(release_period) nulls last
        """,
    )


def released_agreements(snapshot: Snapshot, scope: Scope, bar: str) -> pl.DataFrame:
    """The agreements behind a bar, the largest first."""
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES}, {_RELEASES},
        summed as (select agreement_id, sum(amount) as amount from releases where bar = $bar group by agreement_id)
        {NAMED}
        """,
        bar=bar,
    )
