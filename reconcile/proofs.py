"""The law: breaks explain the whole variance, and every row read was judged.

Two-sided: ``sum(reference) - sum(other) = breaks + tolerated + quarantined + excluded``, in money per book and currency
and in rows. One-sided: the exposure of the whole population is the sum of its breaks, and rows tested are rows read.
Totals are taken from the relations themselves, breaks from what was written, so that a row lost or doubled between
the two shows as a residual; rows read are counted in the relations, rows tested among the classified, so that one lost
on both sides shows too. A rule whose residual is not zero, or with rows that nobody judged, is a failed run.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from contracts.sql import literal
from reconcile.classify import BROKEN, Aligned
from reconcile.errors import UnprovenError
from reconcile.rule import Shape
from reconcile.schema import PROOF_TERMS

__all__ = ["Law", "failures", "refuse_unproven", "terms"]

_TERMS = (
    "reference_total",
    "other_total",
    "breaks",
    "tolerated",
    "quarantined",
    "excluded",
    "rows_read",
    "rows_tested",
)
#: The totals of both sides in the select of terms.
_LEFT, _RIGHT = "_left_side", "_right_side"
_CLASSES = {
    "breaks": tuple(name for name in BROKEN),
    "tolerated": ("tolerated",),
    "quarantined": ("unreadable",),
    "excluded": ("excluded", "history"),
}


@dataclass(frozen=True)
class Law:
    """Where the terms of one rule and follower come from.

    `table` holds the classified rows, which are in `classes`, `candidates` the breaks written; `left` and `right` are
    selects of all rows. A term of classes that no row is in is nought and is not asked for.
    `compared` names the relations of the rows that were put side by side: what a census found equal is not among them.
    """

    aligned: Aligned
    table: str
    classes: frozenset[str]
    candidates: str
    left: str
    right: str
    compared: tuple[str, ...] = ()

    def has(self, term: str) -> bool:
        """Whether any row is in a class of a term."""
        return not self.classes.isdisjoint(_CLASSES[term])


def terms(law: Law) -> str:
    """The select of proof terms of one rule and follower."""
    shape = law.aligned.rule.shape
    parts = [*_judged(law)] if shape.is_one_sided else [*_money(law), *_rows(law)]
    once = "" if shape.is_one_sided else f"with {_totals(_LEFT, law.left)}, {_totals(_RIGHT, law.right)} "
    left, right = law.aligned.left, law.aligned.right
    sums = ", ".join(f"coalesce(sum(case when term = '{name}' then value end), 0) as {name}" for name in _TERMS)
    columns = {
        "side": str(right.index),
        "reference_role": literal(left.side.role),
        "other_role": literal(None if shape.is_one_sided else right.side.role),
        "residual": "reference_total - other_total - breaks - tolerated - quarantined - excluded",
    }
    listed = ", ".join(f"cast({columns.get(name, name)} as {kind}) as {name}" for name, kind in PROOF_TERMS.items())
    return (
        f"{once}select {listed} from (select book, currency, measure, {sums} "
        f"from ({' union all '.join(parts)}) as p group by book, currency, measure) as t "
        f"where {' or '.join(f'{name} <> 0' for name in _TERMS)}"
    )


def _totals(name: str, rows: str) -> str:
    """What all rows of a side add up to: each relation is read once for every term that needs it."""
    return (
        f"{name} as materialized (select _book, _currency, count(*) as _rows, "
        f"sum(case when _unreadable then 0 else _amount end) as _total from ({rows}) group by 1, 2)"
    )


def _part(source: str, measure: str, group: tuple[str, str], **values: str) -> str:
    """The select of some terms over a relation, one row each: the others are nought."""
    names = ", ".join(f"'{name}'" for name in values)
    numbers = ", ".join(f"cast({value} as decimal(38,4))" for value in values.values())
    if len(values) > 1:
        names, numbers = f"unnest([{names}])", f"unnest([{numbers}])"
    book, currency = group
    return (
        f"select {book} as book, {currency} as currency, '{measure}' as measure, {names} as term, {numbers} as value "
        f"from {source} group by 1, 2"
    )


def _money(law: Law) -> list[str]:
    both = law.aligned
    if not both.left.side.amount:
        return []
    of_rows = ("_book", "_currency")
    parts = [_part(_LEFT, "money", of_rows, reference_total="sum(_total)", **_counted(law))]
    left, right = ("r__book", "_left_currency"), ("coalesce(o__book, r__book)", "_right_currency")
    if both.rule.shape.is_summed:
        parts.append(_part(law.table, "money", ("r__book", "r__currency"), rows_tested=_there("r")))
    if both.has_other_amount:
        parts.append(_part(_RIGHT, "money", of_rows, other_total="sum(_total)", **_counted(law)))
        if both.rule.shape.is_summed:
            parts.append(_part(law.table, "money", ("o__book", "o__currency"), rows_tested=_there("o")))
    else:
        parts.append(_part(_LEFT, "money", of_rows, other_total="sum(_total)"))
        parts.append(_part(law.table, "money", left, other_total="-sum(_left)"))
        parts.append(_part(law.table, "money", right, other_total="sum(_right)"))
    for group, amount in ((left, "_left"), (right, "-_right")):
        sums = {
            name: f"sum(case when {_among(classes)} then {amount} else 0 end)"
            for name, classes in _CLASSES.items()
            if name != "breaks" and law.has(name)
        }
        if sums:
            parts.append(_part(law.table, "money", group, **sums))
    if not law.has("breaks"):
        return parts
    mine = f"(select * from {law.candidates} where rule = {literal(both.rule.name)} and side = {both.right.index})"
    parts.append(_part(mine, "money", ("book", "left_currency"), breaks="sum(left_amount)"))
    parts.append(_part(mine, "money", ("book", "right_currency"), breaks="-sum(right_amount)"))
    return parts


def _there(side: str) -> str:
    """How many classified rows have this side."""
    return f"count(case when {side}__there then 1 end)"


def _counted(law: Law) -> dict[str, str]:
    """Rows read; of sums by key each is looked for among the classified, single rows are counted under ``rows``."""
    return {"rows_read": "sum(_rows)"} | ({} if law.aligned.rule.shape.is_summed else {"rows_tested": "sum(_rows)"})


def _rows(law: Law) -> list[str]:
    if law.aligned.rule.shape.is_summed:
        return []
    there = "(case when r__there then 1 else 0 end - case when o__there then 1 else 0 end)"
    sums = {
        name: f"sum(case when {_among(classes)} then {there} else 0 end)"
        for name, classes in _CLASSES.items()
        if law.has(name)
    }
    all_rows = ("'primary'", "null")
    counted = {"rows_read": "sum(_rows)", "rows_tested": "sum(_rows)"}
    return [
        _part(_LEFT, "rows", all_rows, reference_total="sum(_rows)", **counted),
        _part(_RIGHT, "rows", all_rows, other_total="sum(_rows)", **counted),
        *(_part(relation, "rows", all_rows, rows_tested="-count(*)") for relation in law.compared),
        _part(law.table, "rows", all_rows, **sums, rows_tested=f"{_there('r')} + {_there('o')}"),
    ]


def _judged(law: Law) -> list[str]:
    """One-sided: the exposure, taken from the population afresh, against what was written."""
    both, rule = law.aligned, law.aligned.rule
    group = ("_book", "_currency")
    over = "greatest(coalesce(_amount, 0) - coalesce(_limit, coalesce(_amount, 0)), 0)"
    unheld = "_currency is null and _limit is not null" if both.has_currency else "false"
    population = {
        Shape.LIMIT: f"sum(case when {unheld} then _amount else {over} end)",
        Shape.SEQUENCE: "sum(case when _broken then _amount end)",
        Shape.DUPLICATE: "sum(_amount)",
    }[rule.shape]
    readable = "filter (where not _unreadable)"
    parts = [_part(f"({law.right})", "money", group, other_total=f"{population} {readable}")]
    places = ("r__book", "_right_currency")
    if rule.shape is Shape.DUPLICATE:  # each copy beside the row that is kept
        parts.append(_part(f"({law.right})", "money", group, rows_read=f"count(*) {readable}"))
        parts.append(_part(law.left, "money", group, other_total="-sum(_amount)", rows_tested="count(*)"))
        parts.append(_part(law.table, "money", places, rows_tested="count(*)"))
    else:
        count = "sum({}_lines)" if rule.shape.is_summed else "count(*)"
        parts.append(_part(f"({law.right})", "money", group, rows_read=count.format("")))
        parts.append(_part(law.table, "money", ("r__book", "r__currency"), rows_tested=count.format("r_")))
    if law.has("tolerated"):
        tolerated = f"sum(case when {_among(_CLASSES['tolerated'])} then _left - _right end)"
        parts.append(_part(law.table, "money", places, tolerated=tolerated))
    if not law.has("breaks"):
        return parts
    mine = f"(select * from {law.candidates} where rule = {literal(rule.name)} and side = {both.right.index})"
    parts.append(_part(mine, "money", ("book", "right_currency"), breaks="sum(left_amount - right_amount)"))
    return parts


def _among(classes: tuple[str, ...]) -> str:
    return f"_class in ({', '.join(repr(name) for name in classes)})"


def failures(con: duckdb.DuckDBPyConnection, schema: str, run_id: str) -> list[str]:
    """What is not proved in a run, a sentence each."""
    rows = con.execute(
        f"select message from {schema}.proofs where run_id = ? and status = 'failed' order by message", [run_id]
    ).fetchall()
    return [str(row[0]) for row in rows]


def refuse_unproven(con: duckdb.DuckDBPyConnection, schema: str, run_id: str) -> None:
    """Raise where a rule of the run is not proved."""
    found = failures(con, schema, run_id)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise UnprovenError(
            f"breaks do not explain the whole variance: {found[0]}{more}",
            where=f"run {run_id}",
            then="Nothing was published. `tieout explain` on the rule shows the terms that do not add up.",
        )
