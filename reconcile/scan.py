"""The first step of a plan: what a side reads, under the names the rest of the compiler knows.

A scan is one select per side: the key, the amount with its currency and book, where the row came from, whether it could
be read, and the columns that the rule's expressions need. Summed shapes add their rows up here, by key, book and
currency. Rows that were quarantined with a readable key stay in: absence would be taken for evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb
from sqlglot import exp

from reconcile.context import Context, columns_of
from reconcile.errors import RuleError
from reconcile.expression import columns_used, on_side, parse
from reconcile.rule import Rule, Side

__all__ = ["AMOUNT", "CONTEXT_COLUMNS", "POSTING_DATES", "Scan", "scan"]

AMOUNT = "decimal(18,4)"

#: Columns that a break takes from its rows where the relations have them.
CONTEXT_COLUMNS = (
    "customer_id",
    "agreement_id",
    "project_id",
    "person_id",
    "legal_entity_id",
    "document_number",
    "period",
)
#: The date a row counts in, the first that a relation has.
POSTING_DATES = ("posted_on", "issued_on", "work_on", "spent_on", "event_on", "effective_on", "signed_on", "closed_on")

_META = ("row_id", "connection", "object", "source_id", "role")
_META_TYPES = {"row_id": "bigint"}


@dataclass(frozen=True)
class Scan:
    """One side of one rule, resolved against the columns its relation really has."""

    rule: Rule
    index: int
    side: Side
    context: Context
    relation: str
    known: Mapping[str, str]
    needed: tuple[str, ...]

    @property
    def where(self) -> str:
        """Where an error is: the rule and the side."""
        return f"Rule {self.rule.name!r}, {self.side.role} side ({self.side.relation[:60]})"

    def sql(self, text: str) -> str:
        """An expression of the rule over this side's columns."""
        columns = {name: self.context.bind(value, self.roles) for name, value in self.side.columns.items()}
        return on_side(self.context.bind(text, self.roles), self.known, columns, self.where)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose watermarks bound what this rule may judge."""
        return tuple(side.role for side in self.rule.sides)

    @property
    def source(self) -> str:
        """The relation as it stands after ``from``."""
        text = self.relation.strip()
        return f"({text})" if text.lower().startswith(("select", "with")) else text

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The key expressions; empty text is no key."""
        return tuple(f"nullif({self._text(item)}, '')" for item in self.rule.on)

    def _text(self, item: str) -> str:
        """A key as text; casting what is text already costs a pass over millions of rows."""
        text = self.sql(item)
        return (
            text if self.known.get(item) == "VARCHAR" and item not in self.side.columns else f"cast({text} as varchar)"
        )

    @property
    def filter(self) -> str:
        """Which rows count; unreadable ones always do."""
        wanted = f"({self.sql(self.side.where)})" if self.side.where else ""
        if wanted and "claim_state" in self.known:
            return f" where ({wanted} or claim_state = 'unreadable')"
        return f" where {wanted}" if wanted else ""

    @property
    def unreadable(self) -> str:
        """Whether a row was quarantined."""
        return "coalesce(claim_state = 'unreadable', false)" if "claim_state" in self.known else "false"

    @property
    def amount(self) -> str:
        """The amount a row adds to the side's total, NULL where the side has none of its own."""
        if not self.side.amount or self.is_derived:
            return f"cast(null as {AMOUNT})"
        return f"cast({self.sql(self.side.amount)} as {AMOUNT})"

    @property
    def is_derived(self) -> bool:
        """Whether the amount is priced with the row it is aligned with."""
        return bool(columns_used(self.side.amount, "reference"))

    @property
    def currency(self) -> str:
        """The currency of the amount."""
        return (
            "cast(null as varchar)"
            if self._lacks_currency
            else f"nullif(cast({self.sql(self.side.currency)} as varchar), '')"
        )

    @property
    def _lacks_currency(self) -> bool:
        """Whether the relation has no column `currency` and nothing else is said."""
        is_column = parse(self.side.currency).name.lower() == "currency"
        return is_column and "currency" not in self.known and "currency" not in self.side.columns

    @property
    def has_currency(self) -> bool:
        """Whether amounts are in a currency at all: a side that names none states plain numbers."""
        if self._lacks_currency:
            return False
        tree = parse(self.context.bind(self.side.currency, self.roles))
        return tree.find(exp.Column, exp.Literal) is not None

    @property
    def has_book(self) -> bool:
        """Whether the rows name their accounting book."""
        return "book" in self.known or "book" in self.side.columns

    @property
    def book(self) -> str:
        """The accounting book."""
        return f"coalesce({self.sql('book')}, 'primary')" if self.has_book else "'primary'"

    def meta(self, name: str) -> str:
        """Where the row came from; NULL where a relation does not say, and the role as configured."""
        if name in self.known:
            return name
        return f"'{self.side.role}'" if name == "role" else f"cast(null as {_META_TYPES.get(name, 'varchar')})"

    def row_columns(self) -> list[str]:
        """The select list of one row each."""
        keys = [f"{key} as _k{number}" for number, key in enumerate(self.keys)]
        fixed = [
            f"{self.book} as _book",
            f"{self.amount} as _amount",
            f"{self.currency} as _currency",
            f"{self.unreadable} as _unreadable",
            *(f"{self.meta(name)} as _{name}" for name in _META),
        ]
        return [*keys, *fixed, *(f"{self.sql(name)} as {name}" for name in self.needed)]

    def rows(self) -> str:
        """The select of this side's rows."""
        return f"select {', '.join(self.row_columns())} from {self.source} as t{self.filter}"

    def summed(self) -> str:
        """The select of this side's sums by key, book and currency. A column that varies within a key is NULL."""
        keys = [f"_k{number}" for number in range(len(self.keys))]
        single = [_single(name) for name in self.needed]
        meta = [_single(f"_{name}") for name in _META]
        group = ", ".join([*keys, "_book", "_currency"])
        return (
            f"select {group}, cast(sum(_amount) as {AMOUNT}) as _amount, count(*) as _lines, "
            f"bool_or(_unreadable) as _unreadable, {', '.join([*meta, *single])} from ({self.rows()}) as s "
            f"group by {group}"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the scan that the aligned row carries."""
        lines = ("_lines",) if self.rule.shape.is_summed else ()
        keys = tuple(f"_k{number}" for number in range(len(self.keys)))
        return (*keys, "_book", "_amount", "_currency", "_unreadable", *(f"_{n}" for n in _META), *lines, *self.needed)

    @property
    def bare(self) -> Scan:
        """The same rows with what they add up to, and without what the rule says of a single one."""
        return replace(self, needed=tuple(name for name in self.needed if name in ("_limit", "_broken")))

    def select(self) -> str:
        """The scan."""
        return self.summed() if self.rule.shape.is_summed else self.rows()


def _single(name: str) -> str:
    """The value of a column that is the same in all rows of a key; the largest, for a limit."""
    if name == "_limit":
        return "max(_limit) as _limit"
    return f"case when min({name}) = max({name}) then min({name}) end as {name}"


def scan(
    con: duckdb.DuckDBPyConnection,
    rule: Rule,
    index: int,
    context: Context,
    needed: Iterable[str],
    *,
    relation: str = "",
    optional: Iterable[str] = (),
) -> Scan:
    """The scan of side `index`: `needed` columns must be there, `optional` ones are taken where they are."""
    side = rule.sides[index]
    source = relation or context.bind(side.relation, [item.role for item in rule.sides])
    try:
        known = columns_of(con, source, context.stored)
    except duckdb.Error as error:
        raise RuleError(
            f"its relation cannot be read: {error}", where=f"Rule {rule.name!r}, {side.role} side"
        ) from error
    there = [name for name in optional if name in known or name in side.columns]
    wanted = dict.fromkeys([*there, *needed])
    result = Scan(rule, index, side, context, source, known, tuple(wanted))
    for name in wanted:
        result.sql(name)
    return result
