"""Costs to obtain and to fulfil agreements: what was capitalised, what is amortised and impaired, what is left."""

from __future__ import annotations

import polars as pl

from app.data import Snapshot
from app.revenue_data.scope import IN_SCOPE, Scope, first, frame, missing

__all__ = ["are_there", "costs"]

_OF_THESE_MONTHS = f"{IN_SCOPE} and period between $first and $last"


def are_there(snapshot: Snapshot, scope: Scope) -> bool:
    """Whether any cost of an agreement stood or moved in these months; runs of before know of none."""
    if missing(snapshot, "contract_costs"):
        return False
    return first(snapshot, scope, f"select 1 from revenue.contract_costs where {_OF_THESE_MONTHS} limit 1") is not None


def costs(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """Each cost of each agreement, the largest left first: its treatment, opening, what moved it, closing, the rule.

    Amounts are in the currency of the cost and never added up over currencies. `incurred` counts what was expensed too.
    """
    return frame(
        snapshot,
        scope,
        f"""
        with summed as (
            select agreement_id, cost_name, purpose, treatment, currency, rule, sum(incurred_amount) as incurred,
                   min_by(opening_amount, period) as opening, sum(capitalised_amount) as capitalised,
                   sum(amortised_amount) as amortised, sum(impaired_amount) as impaired,
                   max_by(closing_amount, period) as closing, max_by(benefit_until, period) as benefit_until
            from (
                select agreement_id, cost_name, purpose, treatment, currency, rule, period,
                       sum(incurred_amount) as incurred_amount, sum(opening_amount) as opening_amount,
                       sum(capitalised_amount) as capitalised_amount, sum(amortised_amount) as amortised_amount,
                       sum(impaired_amount) as impaired_amount, sum(closing_amount) as closing_amount,
                       max(benefit_until) as benefit_until
                from revenue.contract_costs where {_OF_THESE_MONTHS} group by all
            ) as months
            group by all
        )
        select agreement.agreement_number, customer.customer_name, summed.* exclude (agreement_id, rule), summed.rule
        from summed
        left join marts.agreement as agreement using (agreement_id)
        left join marts.customer as customer on customer.customer_id = agreement.customer_id
        order by abs(closing) desc, agreement.agreement_number, cost_name, purpose, treatment, summed.currency, rule
        """,
    )
