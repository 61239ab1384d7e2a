"""The backlog: what it is made of, how old it is, and how far its end is."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from app.data import Row, Snapshot
from app.filters import AS_OF
from app.revenue_data.scope import IN_SCOPE, NAMED, RATES, RATES_NOW, Scope, first, frame

__all__ = [
    "AGES",
    "HORIZONS",
    "LATER",
    "PLAN",
    "QUALITIES",
    "UNSCHEDULED",
    "ages_of_backlog",
    "is_funding_stated",
    "labels",
    "planned_agreements",
    "planned_bars",
    "qualities",
    "quality_agreements",
]

#: What the backlog is made of: how each part is said, and its amount in `revenue.positions`.
QUALITIES: Mapping[str, tuple[str, str]] = {
    "funded": ("Funded", "funded_backlog"),
    "unfunded": ("Unfunded", "backlog - funded_backlog"),
    "scheduled": ("Scheduled", "scheduled_backlog"),
    "unscheduled": ("Unscheduled", "backlog - scheduled_backlog"),
    "next_12": ("RPO within 12 months", "rpo_next_12"),
    "next_24": ("RPO in months 13 to 24", "rpo_next_24"),
    "later": ("RPO later", "rpo_later"),
    "exempt": ("RPO exempted", "rpo_exempt"),
}
#: Days since the first signature.
AGES = ("0-90", "91-180", "181-365", "over 365", "not known")
#: How far the end of the agreement is.
HORIZONS = (
    "over 90 days past its end",
    "past its end",
    "ends within 90 days",
    "ends within a year",
    "ends later",
    "no end date",
)

#: The relation that holds the plan by month; runs of before have none.
PLAN = "scheduled_backlog"
#: Bars that are no month: months after the next twelve, and what has no plan.
LATER, UNSCHEDULED = "later", "unscheduled"

_AT_THE_END = f"(select * from revenue.positions where {IN_SCOPE} and period = $last) as positions"


def qualities(snapshot: Snapshot, scope: Scope) -> Row:
    """The backlog at the end of the last month and what it is made of, and RPO with its time bands."""
    asked = {name: expression for name, (_, expression) in QUALITIES.items()} | {"backlog": "backlog", "rpo": "rpo"}
    amounts = ", ".join(f"coalesce(sum(({sql}) * rates.rate), 0) as {name}" for name, sql in asked.items())
    found = first(
        snapshot,
        scope,
        f"""
        with {RATES}
        select {amounts} from {_AT_THE_END}
        left join rates on rates.period = positions.period and rates.currency = positions.currency
        """,
    )
    return found or {}


def is_funding_stated(snapshot: Snapshot, scope: Scope) -> bool:
    """Whether any system says what a customer has funded."""
    return first(snapshot, scope, "select 1 from revenue.evidence where kind = 'funded' limit 1") is not None


def quality_agreements(snapshot: Snapshot, scope: Scope, name: str) -> pl.DataFrame:
    """The agreements behind one part of the backlog, the largest first."""
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES},
        summed as (
            select positions.agreement_id, ({QUALITIES[name][1]}) * rates.rate as amount
            from {_AT_THE_END}
            left join rates on rates.period = positions.period and rates.currency = positions.currency
            where ({QUALITIES[name][1]}) <> 0
        )
        {NAMED}
        """,
    )


def ages_of_backlog(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """The backlog by agreement, by how long ago it was signed and by how far its end is."""
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES},
        signed as (
            select agreement_id, min(happened_on) as signed_on from revenue.evidence
            where kind = 'signed' and book = $book and coalesce(attributes ->> '$.is_signed', 'true') = 'true'
            group by agreement_id
        )
        select positions.agreement_id,
               case when signed.signed_on is null then 'not known'
                    when ends.end_on - signed.signed_on <= 90 then '0-90'
                    when ends.end_on - signed.signed_on <= 180 then '91-180'
                    when ends.end_on - signed.signed_on <= 365 then '181-365' else 'over 365' end as age,
               case when agreement.end_on is null then 'no end date'
                    when agreement.end_on < ends.end_on - 90 then 'over 90 days past its end'
                    when agreement.end_on < ends.end_on then 'past its end'
                    when agreement.end_on <= ends.end_on + 90 then 'ends within 90 days'
                    when agreement.end_on <= ends.end_on + 365 then 'ends within a year'
                    else 'ends later' end as horizon,
               positions.backlog * rates.rate as amount
        from {_AT_THE_END}
        left join rates on rates.period = positions.period and rates.currency = positions.currency
        left join ends on ends.period = positions.period
        left join signed using (agreement_id)
        left join marts.agreement as agreement using (agreement_id)
        where positions.backlog <> 0
        order by positions.agreement_id
        """,
    )


_PLANNED = f"""
    {RATES_NOW},
    seen as (select {AS_OF} as day),
    planned as (
        select plan.agreement_id, plan.period, plan.amount * rates_now.rate as amount,
               case when plan.period is null then '{UNSCHEDULED}'
                    when plan.period <= strftime(seen.day + interval 12 month, '%Y-%m') then plan.period
                    else '{LATER}' end as bar
        from (select * from revenue.{PLAN} where {IN_SCOPE}) as plan
        cross join seen
        left join rates_now on rates_now.currency = plan.currency
    )
"""


def planned_bars(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """The backlog as it is planned now, by month; months after the next twelve in one row, what has no plan last."""
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES}, {_PLANNED}
        select bar, coalesce(sum(amount), 0) as amount, count(distinct agreement_id) as agreements
        from planned group by bar order by bar = '{UNSCHEDULED}', min(period) nulls last
        """,
    )


def planned_agreements(snapshot: Snapshot, scope: Scope, bar: str) -> pl.DataFrame:
    """The agreements behind a month of the plan, the largest first."""
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES}, {_PLANNED},
        summed as (select agreement_id, sum(amount) as amount from planned where bar = $bar group by agreement_id)
        {NAMED}
        """,
        bar=bar,
    )


def labels(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """What signed versions moved in the months in view, by the cause each has and what the CRM calls it."""
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES}
        select causes.cause_of_version, causes.movement_label, causes.is_explained, count(*) as versions,
               sum(causes.moved_amount * rates.rate) as amount
        from (select * from revenue.backlog_causes where period between $first and $last and {IN_SCOPE}) as causes
        left join rates on rates.period = causes.period and rates.currency = causes.currency
        group by all
        order by abs(amount) desc nulls last, cause_of_version, movement_label
        """,
    )
