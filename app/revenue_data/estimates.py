"""Work under way: what its price leaves over its cost at completion, line by line."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from app.data import Snapshot
from app.revenue_data.scope import IN_SCOPE, RATES, RATES_NOW, Scope, frame

__all__ = ["ESTIMATES", "MARGINS", "margin_bars", "margin_lines"]

#: The relation that holds estimates at completion; runs of before have none.
ESTIMATES = "line_estimates"
#: Margins at completion, as shares of the price, from the worst to the best.
MARGINS: Mapping[str, str] = {
    "loss": "A loss is coming",
    "low": "Below 10%",
    "fair": "10% to 30%",
    "good": "Over 30%",
}

_UNDER_WAY = f"""
    {RATES_NOW},
    under_way as (
        select estimates.*, estimates.price_amount - estimates.completion_cost_amount as margin_amount, rates_now.rate,
               case when estimates.completion_cost_amount > estimates.price_amount then 'loss'
                    when 10 * estimates.completion_cost_amount > 9 * estimates.price_amount then 'low'
                    when 10 * estimates.completion_cost_amount >= 7 * estimates.price_amount then 'fair'
                    else 'good' end as band
        from (
            select * from (select *, $book as book from revenue.{ESTIMATES})
            where completion_cost_amount is not null and {IN_SCOPE}
        ) as estimates
        left join rates_now on rates_now.currency = estimates.currency
    )
"""


def margin_bars(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """What is left of the price by how much of it that is: band, amount, agreements."""
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES}, {_UNDER_WAY}
        select band, sum(margin_amount * rate) as amount, count(distinct agreement_id) as agreements
        from under_way group by band order by list_position({list(MARGINS)}, band)
        """,
    )


def margin_lines(snapshot: Snapshot, scope: Scope, band: str) -> pl.DataFrame:
    """Lines of a band, the smallest margin first: price, cost so far, cost to go, cost at completion, margin."""
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES}, {_UNDER_WAY}
        select lines.agreement_id, agreement.agreement_number, lines.agreement_line_key, customer.customer_name,
               lines.method, lines.price_amount * rate as price_amount,
               lines.cost_to_date_amount * rate as cost_to_date,
               lines.cost_to_complete_amount * rate as cost_to_complete,
               lines.completion_cost_amount * rate as completion_cost, lines.margin_amount * rate as amount,
               case when lines.completion_cost_amount > 0
                   then cast(100 * lines.cost_to_date_amount / lines.completion_cost_amount as double) end as complete
        from under_way as lines
        left join marts.agreement as agreement using (agreement_id)
        left join marts.customer as customer on customer.customer_id = lines.customer_id
        where lines.band = $band
        order by lines.margin_amount * rate, lines.agreement_line_key
        """,
        band=band,
    )
