"""What the revenue pages look at, and the rates with which amounts of several currencies are added up.

Without a chosen currency everything is in base currency: a balance at the closing rate of its month, a movement at the
closing rate of the month it fell in. Nothing is rounded before it is shown.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from app.data import Row, Snapshot
from app.filters import AS_OF

__all__ = [
    "IN_SCOPE",
    "NAMED",
    "RATES",
    "RATES_NOW",
    "Scope",
    "books",
    "closed_upto",
    "first",
    "frame",
    "is_kept",
    "missing",
    "named",
    "periods",
    "rateless",
]


@dataclass(frozen=True)
class Scope:
    """What is looked at: a book, a legal entity by its code, a currency (empty: all, in base), and months from to."""

    book: str
    legal_entity: str
    currency: str
    base: str
    first: str
    last: str

    @property
    def money_in(self) -> str:
        """The currency in which money is added up."""
        return self.currency or self.base

    def of(self, **changes: str) -> Scope:
        """The same scope with something else in it."""
        return replace(self, **changes)


def frame(snapshot: Snapshot, scope: Scope, sql: str, **more: Any) -> pl.DataFrame:
    """The answer to a query that names fields of the scope, and more, as parameters (``$book``)."""
    known = asdict(scope) | more
    return snapshot.frame(sql, {name: known[name] for name in set(re.findall(r"\$([a-z_]+)", sql))})


def first(snapshot: Snapshot, scope: Scope, sql: str, **more: Any) -> Row | None:
    """The first row of such an answer, or nothing."""
    found = frame(snapshot, scope, sql, **more)
    return None if found.is_empty() else found.row(0, named=True)


#: Restricts rows of a table that says agreement, legal entity, currency and book to the scope.
IN_SCOPE = """
    book = $book and ($currency = '' or currency = $currency)
    and ($legal_entity = '' or legal_entity_id in (
        select legal_entity_id from marts.legal_entity where legal_entity_code = $legal_entity))
"""
#: The rates of the closing day of each month, by currency; 1 where nothing is converted. Their width makes an amount
#: times a rate exact whatever its size.
RATES = f"""
    ends as (
        select period, least(max(end_on), {AS_OF}) as end_on
        from marts.accounting_period group by period
    ),
    used as (select distinct currency from revenue.positions),
    quoted as (
        select ends.period, quotes.from_currency as currency,
               max_by(quotes.exchange_rate, quotes.effective_on) as rate
        from ends join marts.exchange_rate as quotes
          on quotes.effective_on <= ends.end_on and quotes.to_currency = $base
        group by all
    ),
    rates as (
        select ends.period, used.currency,
               cast(case when $currency <> '' or used.currency = $base then 1 else quoted.rate end as decimal(19, 6))
               as rate
        from ends cross join used
        left join quoted on quoted.period = ends.period and quoted.currency = used.currency
    ),
    before as (select max(period) as period from ends where period < $first)
"""
#: The rates of the day of the run, for what is known as it stands now only; beside `RATES`.
RATES_NOW = f"""
    rates_now as (
        select currency, rate from rates
        where period = (
            select max(period) from rates where period <= strftime({AS_OF}, '%Y-%m'))
    )
"""
#: Agreements with an amount (`summed`) by the names people know.
NAMED = """
    select agreement_id, agreement.agreement_number, customer.customer_name, entity.legal_entity_code,
           agreement.billing_type, agreement.start_on, agreement.end_on, agreement.currency, summed.amount
    from summed
    left join marts.agreement as agreement using (agreement_id)
    left join marts.customer as customer on customer.customer_id = agreement.customer_id
    left join marts.legal_entity as entity on entity.legal_entity_id = agreement.legal_entity_id
    order by abs(summed.amount) desc nulls last, agreement.agreement_number, agreement_id
"""


def missing(snapshot: Snapshot, *tables: str) -> list[str]:
    """Those of these tables of schema `revenue` that the snapshot does not have."""
    found = snapshot.rows("select table_name from information_schema.tables where table_schema = 'revenue'")
    return sorted(set(tables) - {row["table_name"] for row in found})


def books(snapshot: Snapshot) -> list[str]:
    """The accounting books that were recomputed."""
    rows = snapshot.rows("select distinct book from revenue.positions order by book = 'primary' desc, book")
    return [row["book"] for row in rows]


def is_kept(snapshot: Snapshot, book: str) -> bool:
    """Whether some ledger keeps this book: what is recomputed for another one stands alone."""
    return snapshot.one("select 1 from revenue.balances where book = ? limit 1", [book]) is not None


def closed_upto(snapshot: Snapshot) -> str:
    """The last month whose revenue run is done in the books: until then books and recomputation can be compared."""
    row = snapshot.one("select max(period) as period from revenue.balances")
    return str(row["period"] or "") if row else ""


def periods(snapshot: Snapshot) -> list[str]:
    """The months that were recomputed, the latest first."""
    return [row["period"] for row in snapshot.rows("select distinct period from revenue.positions order by 1 desc")]


def rateless(snapshot: Snapshot, scope: Scope) -> list[str]:
    """Currencies without a rate in the months in view: their amounts are in no sum."""
    found = frame(
        snapshot,
        scope,
        f"""
        with {RATES}
        select distinct positions.currency
        from (select * from revenue.positions where {IN_SCOPE} and period between $first and $last) as positions
        join rates on rates.period = positions.period and rates.currency = positions.currency
        where rates.rate is null order by 1
        """,
    )
    return found["currency"].to_list()


def named(snapshot: Snapshot, amounts: pl.DataFrame) -> pl.DataFrame:
    """Agreements with an amount each, by the names people know, the largest first."""
    own = snapshot.connection.cursor()
    own.register("amounts", amounts.group_by("agreement_id").agg(pl.col("amount").sum()).to_arrow())
    return own.sql(f"with summed as (select agreement_id, amount from amounts) {NAMED}").pl()
