"""Compares two relations by key, outside of any rule: the compiler's alignment, classes and money on any two tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from reconcile import census
from reconcile import compile as compiler
from reconcile.context import Context, RunConfig
from reconcile.rule import Field, Rule, Shape, Side

__all__ = ["Comparison", "compare_relations"]


@dataclass(frozen=True)
class Comparison:
    """How many breaks of each kind, and the relation that holds them (columns: `reconcile.schema.CANDIDATE`)."""

    relation: str
    breaks: int
    by_type: dict[str, int]
    is_proved: bool


def compare_relations(
    con: duckdb.DuckDBPyConnection,
    left: str,
    right: str,
    on: Sequence[str],
    fields: Sequence[Field | str],
    *,
    amount: str = "",
    currency: str = "cast(null as varchar)",
    into: str = "compared",
) -> Comparison:
    """Compare `left` with `right` (names, selects or table functions) and write every break into the table `into`.

    `fields` are columns of both; a `Field` states tolerance and type. `amount` names the money that the breaks carry.
    """
    items = tuple(item if isinstance(item, Field) else Field(item) for item in fields)
    rule = Rule(
        check="C00",
        name="comparison",
        entity="row",
        shape=Shape.PAIR,
        left=Side("left", left, amount=amount, currency=currency),
        right=Side("right", right, amount=amount, currency=currency),
        on=tuple(on),
        compare=items,
    )
    context = Context(as_of=dt.date(2000, 1, 1), config=RunConfig(base_currency="USD"))
    compiler.prepare(con)
    reduced = compiler.reduce(con, [rule], context)
    compiler.execute(con, rule, context, reduced)
    census.drop(con, reduced.values())
    con.execute(f"drop table if exists {into}")
    con.execute(f"alter table {compiler.CANDIDATES} rename to {into}")
    counted = con.execute(f"select break_type, count(*) from {into} group by break_type order by break_type").fetchall()
    by_type = {str(kind): int(count) for kind, count in counted}
    unproved = con.execute(
        f"select 1 from {compiler.PROOFS} where residual <> 0 or rows_read <> rows_tested"
    ).fetchall()
    return Comparison(into, sum(by_type.values()), by_type, not unproved)
