"""Balances that roll forward: what stood, what moved it, what stands.

Where currencies are added up, what stood at the beginning counts at the closing rate of the month before, each movement
at that of its month, the rest at that of the last month; the difference of the rates is the cause `translation`. So
opening plus causes is closing exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from app.data import Row, Snapshot
from app.format import label
from app.revenue_data.scope import IN_SCOPE, NAMED, RATES, Scope, first, frame

__all__ = [
    "CLOSING",
    "OPENING",
    "ROLLS",
    "TRANSLATION",
    "Roll",
    "moved",
    "moved_agreements",
    "moved_months",
    "standing",
    "unexplained",
]

OPENING, CLOSING, TRANSLATION = "opening", "closing", "translation"


@dataclass(frozen=True)
class Roll:
    """A balance that rolls forward: the columns of `revenue.positions` it is the sum of, and its causes in order."""

    title: str
    columns: tuple[str, ...]
    causes: Mapping[str, str]
    help: str
    #: Which movements of its columns count, where those of one are also seen from another.
    where: str = "true"

    def named(self, cause: str) -> str:
        """A cause as it is said."""
        return _ENDS.get(cause) or self.causes.get(cause) or label(cause)

    def place(self, cause: str) -> tuple[int, str]:
        """Where a cause stands: opening first, then in the order above, then what is not named, closing last."""
        order = [OPENING, *self.causes]
        last = {TRANSLATION: 98, CLOSING: 99}
        return (order.index(cause) if cause in order else last.get(cause, 97), cause)


_ENDS = {OPENING: "Opening", CLOSING: "Closing", TRANSLATION: "FX translation"}

ROLLS: Mapping[str, Roll] = {
    "deferred": Roll(
        "Deferred",
        ("contract_liability",),
        {
            "billed": "Billed", "credited": "Credited", "released": "Released to revenue", "catch_up": "Catch-up",
            "unbilled_receivable": "Unbilled receivable", "netted_with_contract_asset": "Netted with contract asset",
            "refund_liability": "Refund liability",
        },
        "Contract liabilities (I6): opening + billed or due in advance − released to revenue ± netted within the "
        "agreement ± catch-up ± FX = closing.",
    ),
    "unbilled": Roll(
        "Unbilled",
        ("unbilled_receivable", "contract_asset"),
        {
            "recognised": "Recognised", "catch_up": "Catch-up", "billed": "Billed", "billed_ahead": "Billed ahead",
            "credited": "Credited", "netted_with_contract_liability": "Netted with deferred",
            "refund_liability": "Refund liability",
        },
        "Unbilled receivables and contract assets together (I7): opening + revenue ahead of billing − billed ± "
        "catch-up ± FX = closing.",
        where="""
            not (roll_forward = 'contract_asset' and cause = 'unbilled_receivable')
            and not (roll_forward = 'unbilled_receivable' and (agreement_id, book, period) in (
                select (agreement_id, book, period) from revenue.movements where roll_forward = 'contract_asset'))
        """,
    ),
    "receivable": Roll(
        "Receivable",
        ("receivable",),
        {"invoiced": "Invoiced", "credited": "Credited", "cash": "Cash applied", "not_due": "Advances not due"},
        "Billed receivables, tax included (I9): opening + invoices − credit memos − cash applied ± FX = closing.",
    ),
    "backlog": Roll(
        "Backlog",
        ("backlog",),
        {
            "new": "New", "upsell": "Upsell", "reduction": "Reduction", "cancellation": "Cancellation",
            "revenue": "Revenue", "re_estimate": "T&M re-estimate", "price_given_up": "Price given up",
        },
        "Signed and not yet recognised (I8): opening + new + upsell − reduction − cancellation − revenue ± FX ± "
        "re-estimate of time and materials = closing.",
    ),
}  # fmt: skip


def _movements(roll: Roll) -> str:
    """SQL: the movements in scope, from the first one ever to the last month in view."""
    kinds = ", ".join(f"'{column}'" for column in roll.columns)
    return f"""
        movements as (
            select agreement_id, currency, period, cause, amount from revenue.movements
            where roll_forward in ({kinds}) and cause not in ('{OPENING}', '{CLOSING}')
              and period <= $last and {IN_SCOPE} and ({roll.where})
        )
    """


def _parts(roll: Roll) -> str:
    """SQL: what each agreement adds to each bar, in the money of the view, with its translation."""
    return f"""
        {RATES}, {_movements(roll)},
        valued as (
            select movements.agreement_id,
                   case when movements.period < $first then '{OPENING}' else movements.cause end as cause,
                   movements.amount * case when movements.period < $first then opened.rate else moved.rate end
                   as amount,
                   movements.amount * closed.rate as closing
            from movements
            left join rates as moved on moved.period = movements.period and moved.currency = movements.currency
            left join rates as opened
              on opened.period = (select period from before) and opened.currency = movements.currency
            left join rates as closed on closed.period = $last and closed.currency = movements.currency
        ),
        parts as (
            select agreement_id, cause, amount from valued
            union all
            select agreement_id, '{TRANSLATION}', closing - amount from valued where closing <> amount
            union all
            select agreement_id, '{CLOSING}', closing from valued
        )
    """


def moved(snapshot: Snapshot, scope: Scope, roll: Roll) -> pl.DataFrame:
    """The bars of a roll-forward in their order: opening, causes, closing; and of how many agreements each is made."""
    found = frame(
        snapshot,
        scope,
        f"""
        with {_parts(roll)},
        summed as (
            select agreement_id, cause, sum(amount) as amount from parts group by all having sum(amount) <> 0
        )
        select cause, sum(amount) as amount, count(*) as agreements from summed group by cause
        union all
        select cause, 0, 0 from (values ('{OPENING}'), ('{CLOSING}')) as ends(cause)
        where cause not in (select cause from summed)
        """,
    )
    order = {cause: index for index, cause in enumerate(sorted(found["cause"], key=roll.place))}
    return found.sort(pl.col("cause").replace_strict(order, return_dtype=pl.Int32))


def moved_agreements(snapshot: Snapshot, scope: Scope, roll: Roll, cause: str) -> pl.DataFrame:
    """The agreements behind one bar, the largest first."""
    return frame(
        snapshot,
        scope,
        f"""
        with {_parts(roll)},
        summed as (
            select agreement_id, sum(amount) as amount from parts where cause = $cause
            group by agreement_id having sum(amount) <> 0
        )
        {NAMED}
        """,
        cause=cause,
    )


def moved_months(snapshot: Snapshot, scope: Scope, roll: Roll, agreement_id: str = "") -> pl.DataFrame:
    """Opening, causes and closing of each month in view: one row per month, one column per cause, in their order."""
    found = frame(
        snapshot,
        scope,
        f"""
        with {RATES}, {_movements(roll)},
        chosen as (select * from movements where $agreement = '' or agreement_id = $agreement),
        monthly as (select period, currency, sum(amount) as amount from chosen group by all),
        stood as (
            select rates.period, rates.rate, lag(rates.rate, 1, rates.rate) over upto as rate_before,
                   coalesce(sum(monthly.amount) over upto, 0) as closing,
                   coalesce(sum(monthly.amount) over upto, 0) - coalesce(monthly.amount, 0) as opening
            from rates left join monthly on monthly.period = rates.period and monthly.currency = rates.currency
            where rates.period <= $last
            window upto as (partition by rates.currency order by rates.period)
        ),
        long as (
            select period, '{OPENING}' as cause, opening * rate_before as amount from stood
            union all
            select period, '{TRANSLATION}', opening * (rate - rate_before) from stood where opening * rate <> 0
            union all
            select period, '{CLOSING}', closing * rate from stood
            union all
            select chosen.period, chosen.cause, chosen.amount * rates.rate
            from chosen join rates on rates.period = chosen.period and rates.currency = chosen.currency
        )
        select period, cause, sum(amount) as amount from long
        where period between $first and $last group by all order by period
        """,
        agreement=agreement_id,
    )
    filled = found.filter((pl.col("amount") != 0) | pl.col("cause").is_in([OPENING, CLOSING]))
    wide = filled.pivot("cause", index="period", values="amount", maintain_order=True).sort("period")
    return wide.select("period", *sorted(set(wide.columns) - {"period"}, key=roll.place))


def unexplained(snapshot: Snapshot, scope: Scope, roll: Roll) -> Decimal:
    """What the movements of each agreement leave of its balance, whatever its direction, added up: it must be zero."""
    total = " + ".join(roll.columns)
    found = first(
        snapshot,
        scope,
        f"""
        with {RATES}, {_movements(roll)},
        sides as (
            select agreement_id, currency, amount from movements
            union all
            select agreement_id, currency, -({total}) from revenue.positions where {IN_SCOPE} and period = $last
        ),
        residuals as (
            select agreement_id, currency, abs(sum(amount)) as amount from sides group by agreement_id, currency
        )
        select coalesce(sum(residuals.amount * rates.rate), 0) as amount
        from residuals left join rates on rates.period = $last and rates.currency = residuals.currency
        """,
    )
    return found["amount"] if found else Decimal(0)


def standing(snapshot: Snapshot, scope: Scope, roll: Roll) -> Row:
    """The balance itself at the end of the last month, what of it is past the end of its agreement, on how many."""
    total = " + ".join(f"positions.{column}" for column in roll.columns)
    return (
        first(
            snapshot,
            scope,
            f"""
            with {RATES}
            select coalesce(sum(({total}) * rates.rate), 0) as amount,
                   coalesce(sum(({total}) * rates.rate) filter (agreement.end_on < ends.end_on), 0) as past_end,
                   count(*) filter ({total} <> 0) as agreements
            from (select * from revenue.positions where {IN_SCOPE} and period = $last) as positions
            left join rates on rates.period = positions.period and rates.currency = positions.currency
            left join ends on ends.period = positions.period
            left join marts.agreement as agreement using (agreement_id)
            """,
        )
        or {}
    )
