"""Balances as the evidence says they should be, beside the books, and how old what is unbilled is."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from app.data import Row, Snapshot
from app.revenue_data.scope import IN_SCOPE, RATES, Scope, first, frame

__all__ = [
    "COMPARED",
    "UNBILLED_AGES",
    "UNBILLED_KINDS",
    "ages_of_unbilled",
    "compared",
    "differing",
    "identities",
    "position",
]

#: Balances that books and recomputation both have.
COMPARED: Mapping[str, str] = {
    "billed": "Billed to date",
    "recognised": "Recognised to date",
    "contract_liability": "Deferred",
    "contract_asset": "Contract asset",
    "unbilled_receivable": "Unbilled receivable",
    "refund_liability": "Refund liability",
}
#: Days since the work, youngest first.
UNBILLED_AGES = ("0-30", "31-60", "61-90", "91-180", "over 180")
#: What is unbilled is a right to be paid that waits for nothing but time, or one that waits for something else as well.
UNBILLED_KINDS: Mapping[str, str] = {name: COMPARED[name] for name in ("unbilled_receivable", "contract_asset")}


def compared(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """Each balance as it should be, as booked, and the difference, at the end of the last month."""
    sums = " union all ".join(
        f"""
        select '{name}' as balance, coalesce(sum(balances.{name}_amount * rates.rate), 0) as should_be,
               coalesce(sum(balances.booked_{name}_amount * rates.rate), 0) as booked,
               coalesce(sum(balances.{name}_difference_amount * rates.rate), 0) as difference,
               count(*) filter (balances.{name}_difference_amount <> 0) as agreements
        from balances
        left join rates on rates.period = balances.period and rates.currency = balances.currency
        """
        for name in COMPARED
    )
    order = {name: index for index, name in enumerate(COMPARED)}
    return frame(
        snapshot,
        scope,
        f"with {RATES}, balances as (select * from revenue.balances where {IN_SCOPE} and period = $last) {sums}",
    ).sort(pl.col("balance").replace_strict(order, return_dtype=pl.Int32))


def differing(snapshot: Snapshot, scope: Scope, name: str) -> pl.DataFrame:
    """Agreements whose balance is not as it should be, in their currency, the greatest difference first."""
    return frame(
        snapshot,
        scope,
        f"""
        select agreement_id, agreement.agreement_number, customer.customer_name, entity.legal_entity_code,
               balances.currency, balances.{name}_amount as should_be, balances.booked_{name}_amount as booked,
               balances.{name}_difference_amount as difference
        from (
            select * from revenue.balances where {IN_SCOPE} and period = $last and {name}_difference_amount <> 0
        ) as balances
        left join marts.agreement as agreement using (agreement_id)
        left join marts.customer as customer on customer.customer_id = agreement.customer_id
        left join marts.legal_entity as entity on entity.legal_entity_id = agreement.legal_entity_id
        order by abs(difference) desc, agreement.agreement_number
        """,
    )


def position(snapshot: Snapshot, scope: Scope, agreement_id: str) -> Row | None:
    """The balances of one agreement at the end of the last month, in its currency, with the names people know."""
    return first(
        snapshot,
        scope,
        """
        select positions.*, agreement.agreement_number, customer.customer_name
        from revenue.positions as positions
        left join marts.agreement as agreement using (agreement_id)
        left join marts.customer as customer on customer.customer_id = agreement.customer_id
        where positions.agreement_id = $agreement and positions.book = $book and positions.period = $last
        """,
        agreement=agreement_id,
    )


def ages_of_unbilled(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """What is unbilled, by agreement, kind and age: the first earned is the first billed, so the latest work is left.

    A receivable is of work and expenses as they are charged, a contract asset of all else that the agreement earns.
    Work of the last month is 0-30 days old, that of the month before 31-60, and so on.
    """
    return frame(
        snapshot,
        scope,
        f"""
        with {RATES},
        charged as (
            select agreement_id, period, sum(cumulative_amount) as recognised
            from revenue.recognition
            where {IN_SCOPE} and period <= $last and method in ('as_charged', 'expense')
            group by agreement_id, period
        ),
        positions as (
            select agreement_id, currency, period, earned, unbilled_receivable, contract_asset,
                   coalesce(charged.recognised, 0) as charged
            from (
                select agreement_id, currency, period, recognised as earned, unbilled_receivable, contract_asset
                from revenue.positions where {IN_SCOPE} and period <= $last
            ) left join charged using (agreement_id, period)
        ),
        kinds as (
            select agreement_id, currency, period, 'unbilled_receivable' as kind, charged as recognised,
                   unbilled_receivable as unbilled
            from positions
            union all
            select agreement_id, currency, period, 'contract_asset', earned - charged, contract_asset from positions
        ),
        latest as (select agreement_id, kind, recognised, unbilled from kinds where period = $last and unbilled > 0),
        since as (
            select agreement_id, kind, kinds.currency, kinds.period, latest.unbilled,
                   max(greatest(latest.recognised - kinds.recognised, 0)) over (
                       partition by agreement_id, kind order by kinds.period desc
                       rows between unbounded preceding and current row) as earned_later
            from kinds join latest using (agreement_id, kind)
        ),
        layers as (
            select agreement_id, kind, currency, period,
                   least(unbilled, lag(earned_later, 1, unbilled) over (
                       partition by agreement_id, kind order by period)) - least(unbilled, earned_later) as amount
            from since
        )
        select layers.agreement_id, layers.kind, {_age("layers.period")} as age,
               sum(layers.amount * rates.rate) as amount
        from layers
        left join rates on rates.period = $last and rates.currency = layers.currency
        where layers.amount <> 0
        group by all order by layers.agreement_id, layers.kind desc, age
        """,
    )


def _age(period: str) -> str:
    """SQL: the bucket of a month seen from the last one."""
    months = (
        f"(cast(left($last, 4) as integer) - cast(left({period}, 4) as integer)) * 12 "
        f"+ cast(right($last, 2) as integer) - cast(right({period}, 2) as integer)"
    )
    return (
        f"case when {months} <= 0 then '0-30' when {months} = 1 then '31-60' when {months} = 2 then '61-90' "
        f"when {months} <= 5 then '91-180' else 'over 180' end"
    )


def identities(snapshot: Snapshot, scope: Scope) -> pl.DataFrame:
    """Each identity over the months up to the last: how often it was tested, where it fails, and by how much."""
    return frame(
        snapshot,
        scope,
        f"""
        select identity, of_what, statement, sum(tested) as tested, sum(failed) as failed,
               sum(residual_amount) as residual, string_agg(distinct currency, ', ' order by currency)
               filter (failed > 0) as currencies
        from revenue.identities where {IN_SCOPE} and period <= $last
        group by identity, of_what, statement
        order by cast(substr(identity, 2) as integer), of_what desc, statement
        """,
    )
