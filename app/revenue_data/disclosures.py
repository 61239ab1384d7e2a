"""What the notes to the accounts say of agreements (ASC 606-10-50-8 to 50-15; IFRS 15.116 to 15.120).

Balances at both ends of the months in view, what of the revenue in between had been deferred before, what of it was
earned by work of earlier months, and what remains to be earned, by when. A balance counts at the closing rate of its
month; revenue that had been deferred counts at the rate of the balance it came out of.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from app.data import Snapshot
from app.revenue_data.scope import IN_SCOPE, RATES, Scope, frame

__all__ = ["BALANCES", "REMAINING", "REVENUE", "balances", "remaining", "revenue"]

#: Balances that are disclosed at both ends.
BALANCES: Mapping[str, str] = {
    "receivable": "Receivables",
    "unbilled_receivable": "Unbilled receivables",
    "contract_asset": "Contract assets",
    "contract_liability": "Contract liabilities",
}
#: Revenue that is disclosed apart.
REVENUE: Mapping[str, str] = {
    "deferred": "Revenue that was deferred at the beginning",
    "earlier": "Revenue from work of earlier months",
}
#: What remains to be earned, by when, and what an expedient leaves out.
REMAINING: Mapping[str, str] = {
    "rpo_next_12": "Within 12 months",
    "rpo_next_24": "In 13 to 24 months",
    "rpo_later": "Later",
    "exempt_right_to_invoice": "Left out: right to invoice (606-10-50-14(b))",
    "exempt_one_year": "Left out: a year or less (606-10-50-14(a))",
}


def balances(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """Each balance when the months began and when they ended."""
    sums = " union all ".join(
        f"""
        select '{name}' as balance, coalesce(sum({name} * rate) filter (is_opening), 0) as opening,
               coalesce(sum({name} * rate) filter (not is_opening), 0) as closing
        from standing
        """
        for name in BALANCES
    )
    order = {name: place for place, name in enumerate(BALANCES)}
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES},
        standing as (
            select positions.*, rates.rate, positions.period <> $last as is_opening
            from (select * from revenue.positions where {IN_SCOPE}) as positions
            left join rates on rates.period = positions.period and rates.currency = positions.currency
            where positions.period in ($last, (select period from before))
        )
        select balance, opening, closing, closing - opening as change from ({sums})
        """,
    ).sort(pl.col("balance").replace_strict(order, return_dtype=pl.Int32))


def revenue(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """The revenue that is disclosed apart, by agreement and kind.

    What was deferred is released first: of the revenue since, at most what was deferred when the months began.
    """
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES},
        opened as (
            select agreement_id, currency, period, contract_liability
            from revenue.positions
            where {IN_SCOPE} and period = (select period from before) and contract_liability > 0
        ),
        earned as (
            select agreement_id, currency, period, sum(period_amount) as amount, sum(prior_period_amount) as earlier
            from revenue.recognition where {IN_SCOPE} and period between $first and $last group by all
        ),
        of_agreements as (
            select opened.agreement_id, 'deferred' as kind,
                   least(opened.contract_liability, greatest(0, sum(earned.amount))) * any_value(rates.rate) as amount
            from opened
            join earned on earned.agreement_id = opened.agreement_id and earned.currency = opened.currency
            left join rates on rates.period = opened.period and rates.currency = opened.currency
            group by opened.agreement_id, opened.contract_liability
            union all
            select earned.agreement_id, 'earlier', sum(earned.earlier * rates.rate)
            from earned
            left join rates on rates.period = earned.period and rates.currency = earned.currency
            group by earned.agreement_id
        )
        select agreement_id, kind, amount from of_agreements where amount <> 0 order by agreement_id, kind
        """,
    )


def remaining(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """Remaining performance obligations at the end of the last month: by when, and what is left out and why."""
    sums = ", ".join(f"coalesce(sum({name} * rates.rate), 0) as {name}" for name in REMAINING)
    found = frame(
        snapshot,
        scope,
        f"""
        with {RATES}
        select {sums} from (select * from revenue.positions where {IN_SCOPE} and period = $last) as positions
        left join rates on rates.period = positions.period and rates.currency = positions.currency
        """,
    )
    return found.unpivot(variable_name="band", value_name="amount")
