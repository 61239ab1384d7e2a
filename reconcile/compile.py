"""Turns a rule into SQL and runs it: scan both sides, align them, classify each row, price what is broken, prove it.

`execute` fills three tables of the run: candidates (one row a break), proof terms, and what was tolerated by period.
Rules over the same pair of large relations share one census, see `reduce` and `reconcile.census`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb
import sqlglot

from reconcile import census, coverage, proofs
from reconcile.align import Alignment, align
from reconcile.classify import BROKEN, Aligned, kinds_of
from reconcile.context import Context
from reconcile.errors import RuleError
from reconcile.expression import columns_used
from reconcile.price import Priced
from reconcile.rule import Rule, Shape
from reconcile.scan import CONTEXT_COLUMNS, POSTING_DATES, Scan, scan
from reconcile.schema import CANDIDATE, PROOF_TERMS, ddl
from reconcile.values import folded

__all__ = ["CANDIDATES", "PROOFS", "TOLERATED", "aligned_of", "execute", "prepare", "reduce", "scans"]

CANDIDATES, PROOFS, TOLERATED = "_candidates", "_proof_terms", "_tolerated"

_TOLERATED = {
    "check_id": "varchar",
    "rule": "varchar",
    "book": "varchar",
    "currency": "varchar",
    "period": "varchar",
    "amount": "decimal(18,4)",
}


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that rules fill."""
    con.execute(f"create or replace temp table {CANDIDATES} ({ddl(CANDIDATE)})")
    con.execute(f"create or replace temp table {PROOFS} (check_id varchar, rule varchar, {ddl(PROOF_TERMS)})")
    con.execute(f"create or replace temp table {TOLERATED} ({ddl(_TOLERATED)})")


def reduce(
    con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], context: Context, at_least: int = census.WORTHWHILE
) -> dict[tuple[str, int], census.Reduced]:
    """How each rule reads its sides: one census for all rules over the same pair of large relations."""
    members = []
    for rule in rules:
        if rule.sql is not None or rule.shape.is_one_sided or rule.shape.is_summed:
            continue
        for index, _ in rule.followers:
            both = aligned_of(con, rule, context, *scans(con, rule, index, context))
            members.append(census.Member(rule, index, both, _fields(both)))
    return census.share(con, members, at_least)


def execute(
    con: duckdb.DuckDBPyConnection,
    rule: Rule,
    context: Context,
    reduced: Mapping[tuple[str, int], census.Reduced] | None = None,
) -> None:
    """Run one rule. `reduced` gives, per rule and follower, how it reads its sides: only rows which may differ."""
    if rule.sql is not None:
        _execute_own(con, rule, context)
        return
    if rule.shape.is_one_sided:
        _execute_one(con, rule, context)
        return
    for index, _ in rule.followers:
        found = (reduced or {}).get((rule.name, index)) or _in_full(con, rule, index, context)
        both, name = found.both, f"_t_{rule.name}_{index}"
        left, right = both.left, both.right
        work = Alignment(name, replace(left, relation=found.left), replace(right, relation=found.right), _fields(both))
        rows = align(con, work)
        con.execute(f"create or replace temp table {name}_c as {both.classified(rows)}")
        _write(con, both, name, left.bare.select(), right.bare.select(), work)
        _drop(con, name)


def _in_full(con: duckdb.DuckDBPyConnection, rule: Rule, index: int, context: Context) -> census.Reduced:
    """A rule and follower that read all rows of their relations."""
    left, right = scans(con, rule, index, context)
    return census.Reduced(aligned_of(con, rule, context, left, right), left.relation, right.relation)


def scans(con: duckdb.DuckDBPyConnection, rule: Rule, index: int, context: Context) -> tuple[Scan, Scan]:
    """The scans of the reference and of a follower."""
    fields = [item.name for item in rule.compare]
    optional = (*CONTEXT_COLUMNS, *POSTING_DATES)
    needs = {
        side: [*fields, *sorted(name for text in _aligned_texts(rule, index) for name in columns_used(text, side))]
        for side in ("reference", "other")
    }
    left = scan(con, rule, rule.reference, context, needs["reference"], optional=optional)
    right = scan(con, rule, index, context, needs["other"], optional=optional)
    return left, right


def aligned_of(con: duckdb.DuckDBPyConnection, rule: Rule, context: Context, left: Scan, right: Scan) -> Aligned:
    """How the rule's expressions read over the aligned rows of two scans."""
    names = [item.name for item in rule.compare]
    kinds = {f"r_{name}": kind for name, kind in _kinds(con, left, names).items()}
    kinds |= {f"o_{name}": kind for name, kind in _kinds(con, right, names).items()}
    return Aligned(rule, context, left, right, kinds)


def _kinds(con: duckdb.DuckDBPyConnection, side: Scan, names: Sequence[str]) -> dict[str, str]:
    """The types of some columns of a scan; only those that are expressions need to be asked for."""
    plain = {name: side.known[name] for name in names if name in side.known and name not in side.side.columns}
    stated = [f"{side.sql(name)} as {name}" for name in names if name not in plain]
    return plain | (kinds_of(con, f"select {', '.join(stated)} from {side.source} as t") if stated else {})


def _fields(both: Aligned) -> tuple[tuple[str, str], ...]:
    """Each compared field in the form in which it is compared, over the reference and over the follower."""
    forms = [folded(item.name, item.normalise, both.kind(item)) for item in both.rule.compare]
    return tuple((form, form) for form in forms)


def _aligned_texts(rule: Rule, index: int) -> list[str]:
    """Every expression over the aligned row."""
    window = (rule.window.start, rule.window.no_later_than) if rule.window else ()
    texts = [rule.money, rule.cause, rule.dated, *rule.facts.values(), *rule.payload.values(), *window]
    bounds = [(rule.tolerance.below, rule.tolerance.above, rule.tolerance.relative)]
    bounds += [(item.tolerance.below, item.tolerance.above, item.tolerance.relative) for item in rule.compare]
    texts += [text for bound in bounds for text in bound]
    texts += [text for item in rule.compare for text in (item.money, item.when, item.cause)]
    texts += [
        text for text in (rule.at_fault, *(i.at_fault for i in rule.compare)) if text not in ("other", "reference")
    ]
    amount = rule.sides[index].amount
    if columns_used(amount, "reference"):
        texts.append(amount)
    return [text for text in texts if text]


def _execute_one(con: duckdb.DuckDBPyConnection, rule: Rule, context: Context) -> None:
    """One-sided shapes, in the same form: the row (or the survivor) on the left, a copy or nothing on the right."""
    side = rule.base
    extra = {"_limit": rule.limit, "_broken": f"coalesce({rule.broken}, false)" if rule.broken else ""}
    aliases = {**side.columns, **{name: text for name, text in extra.items() if text}}
    judged = replace(rule, sides=(replace(side, columns=aliases),))
    needs = {
        name
        for text in _aligned_texts(rule, 0)
        for side_ in ("reference", "other")
        for name in columns_used(text, side_)
    }
    needs |= {name for name in extra if name in aliases} | {
        name for item in _order(rule) for name in columns_used(item)
    }
    optional = (*CONTEXT_COLUMNS, *POSTING_DATES)
    found = scan(con, judged, 0, context, sorted(needs), optional=optional)
    both = aligned_of(con, judged, context, found, found)
    name = f"_t_{rule.name}_0"
    if rule.shape is Shape.DUPLICATE:
        rows = _copies(con, found, name)
    else:
        con.execute(f"create or replace temp table {name}_r as select *, true as _there from ({found.select()})")
        rows = _alone(found, name)
    con.execute(f"create or replace temp table {name}_c as {both.classified(rows)}")
    survivors = f"(select * from {name}_r where _ord = 1)" if rule.shape is Shape.DUPLICATE else ""
    population = _repeated(found.bare, name) if rule.shape is Shape.DUPLICATE else found.bare.select()
    _write(con, both, name, survivors, population)
    _drop(con, name)


def _alone(found: Scan, name: str) -> str:
    names = (*found.names, "_there")
    left = ", ".join(f"l.{column} as r_{column}" for column in names)
    right = ", ".join(f"case when false then l.{column} end as o_{column}" for column in names)
    return f"select {left}, {right}, cast(null as varchar) as _repeat from {name}_r as l"


def _copies(con: duckdb.DuckDBPyConnection, found: Scan, name: str) -> str:
    """Each copy beside the row that is kept."""
    keys = _key_columns(found)
    there = " and ".join(["not _unreadable", *(f"{key} is not null" for key in keys)])
    con.execute(
        f"create or replace temp table {name}_d as select {', '.join(keys)} from ({found.rows()}) where {there} "
        f"group by {', '.join(keys)} having count(*) > 1"
    )
    match = " and ".join(f"s.{key} = d.{key}" for key in keys)
    order = ", ".join([*_order(found.rule), "_connection", "_object", "_source_id", "_row_id"])
    con.execute(
        f"create or replace temp table {name}_r as select *, row_number() over "
        f"(partition by {', '.join(keys)} order by {order}) as _ord from (select s.*, true as _there "
        f"from ({found.rows()}) as s join {name}_d as d on {match} where not s._unreadable)"
    )
    names = (*found.names, "_there")
    left = ", ".join(f"l.{column} as r_{column}" for column in names)
    right = ", ".join(f"r.{column} as o_{column}" for column in names)
    return (
        f"select {left}, {right}, cast(null as varchar) as _repeat from {name}_r as l join {name}_r as r "
        f"on {' and '.join(f'l.{key} = r.{key}' for key in keys)} and l._ord = 1 and r._ord > 1"
    )


def _key_columns(found: Scan) -> list[str]:
    """What makes two rows the same thing twice: the key, in one book."""
    return [*(f"_k{number}" for number in range(len(found.keys))), "_book"]


def _repeated(found: Scan, name: str) -> str:
    """The rows of repeated keys, read afresh."""
    match = " and ".join(f"s.{key} = d.{key}" for key in _key_columns(found))
    return f"select s.* from ({found.rows()}) as s join {name}_d as d on {match}"


def _order(rule: Rule) -> list[str]:
    """The order in which rows of a key are kept."""
    if not rule.keep:
        return []
    select = sqlglot.parse_one(f"select 1 order by {rule.keep}", read="duckdb")
    return [item.sql(dialect="duckdb") for item in select.args["order"].expressions]


def _write(
    con: duckdb.DuckDBPyConnection, both: Aligned, name: str, left: str, right: str, work: Alignment | None = None
) -> None:
    """Candidates, proof terms and what was tolerated; nothing is asked of classes that no row is in."""
    rule, table = both.rule, f"{name}_c"
    for text in _aligned_texts(rule, both.right.index):
        both.sql(text)  # a mistake in what a rule says is told although nothing is broken yet
    classes = frozenset(str(row[0]) for row in con.execute(f"select distinct _class from {table}").fetchall())
    if classes & {*BROKEN, "unreadable"}:
        candidates = Priced(con, both, table, classes, _hidden(con, both, work)).candidates()
        con.execute(f"insert into {CANDIDATES} {candidates}")
    compared = (f"{name}_r", f"{name}_o") if work else ()
    law = proofs.Law(both, table, classes, CANDIDATES, left, right, compared)
    con.execute(f"insert into {PROOFS} select '{rule.check}', '{rule.name}', t.* from ({proofs.terms(law)}) as t")
    if "tolerated" not in classes:
        return
    period = _period(both)
    con.execute(
        f"insert into {TOLERATED} select '{rule.check}', '{rule.name}', coalesce(r__book, o__book), "
        f"coalesce(_left_currency, _right_currency), {period}, sum(_left - _right) from {table} "
        "where _class = 'tolerated' and _left <> _right group by all"
    )


def _period(both: Aligned) -> str:
    if "period" in both.left.needed:
        return "r_period"
    dated = both.dated("r_")
    return f"strftime({dated}, '%Y-%m')"


def _hidden(con: duckdb.DuckDBPyConnection, both: Aligned, work: Alignment | None) -> tuple[str, ...]:
    """The classes of rows that may be there only because one that was set aside could not be read or placed."""
    found = coverage.hidden_classes(both.rule, both.context, both.left.side.role, both.right.side.role)
    return (*found, "missing") if work is not None and _has_unreadable_keys(con, work) else found


def _has_unreadable_keys(con: duckdb.DuckDBPyConnection, work: Alignment) -> bool:
    """Whether the follower has rows that are set aside and whose key on this rule nobody knows."""
    if "claim_state" not in work.right.known:
        return False
    empty = " or ".join(f"{key} is null" for key in work.keys)
    found = con.execute(f"select count(*) from {work.name}_o where _unreadable and ({empty})").fetchone()
    return bool(found and found[0])


def _execute_own(con: duckdb.DuckDBPyConnection, rule: Rule, context: Context) -> None:
    """A rule that gives its own select of candidates and its own proof terms."""
    assert rule.sql is not None and rule.proof is not None  # noqa: S101, PT018 - the rule made sure of it
    roles = [role for role, _ in rule.requires]
    name = f"_t_{rule.name}_own"
    con.execute(f"create or replace temp table {name} as {context.bind(rule.sql(context), roles)}")
    given = {str(row[0]).lower() for row in con.execute(f"describe {name}").fetchall()}
    unknown = sorted(given - set(CANDIDATE))
    if unknown:
        raise RuleError(f"its sql gives columns that no break has: {', '.join(unknown)}", where=f"Rule {rule.name!r}")
    fixed = {
        "check_id": f"'{rule.check}'",
        "rule": f"'{rule.name}'",
        "rule_version": str(rule.version),
        "shape": f"'{rule.shape}'",
        "book": "'primary'",
        "entity": f"'{rule.entity}'",
        "field": "''",
        "side": "1",
        "severity": f"'{rule.severity}'",
        "status_hint": "'open'",
        "money_kind": f"'{rule.money_kind}'",
        "direction": "'none'",
        "confidence": "'confirmed'",
        "variance": "0",
        "left_amount": "0",
        "right_amount": "0",
        "break_type": f"'{rule.break_type}'",
    }
    values = {column: _given(column, column in given, fixed.get(column)) for column in CANDIDATE}
    if coverage.hidden_classes(rule, context):
        values["cause"] = "'quarantined'"
    columns = ", ".join(f"cast({values[column]} as {kind}) as {column}" for column, kind in CANDIDATE.items())
    con.execute(f"insert into {CANDIDATES} select {columns} from {name}")
    own = context.bind(rule.proof(context), roles)
    stated = {str(row[0]).lower() for row in con.execute(f"describe {own}").fetchall()}
    listed = ", ".join(
        f"cast({column if column in stated else _DEFAULT_TERMS.get(column, '0')} as {kind}) as {column}"
        for column, kind in PROOF_TERMS.items()
        if column != "residual"
    )
    residual = "reference_total - other_total - breaks - tolerated - quarantined - excluded as residual"
    con.execute(
        f"insert into {PROOFS} by name select '{rule.check}' as check_id, '{rule.name}' as rule, *, {residual} "
        f"from (select {listed} from ({own}) as p) as t"
    )
    con.execute(f"drop table {name}")


def _given(column: str, is_given: bool, default: str | None) -> str:
    """A column of a rule's own select: as given, else what the rule says, else empty."""
    if not is_given:
        return default or "null"
    return f"coalesce({column}, {default})" if default else column


_DEFAULT_TERMS = {
    "side": "1",
    "reference_role": "null",
    "other_role": "null",
    "book": "'primary'",
    "currency": "null",
    "measure": "'money'",
}


def _drop(con: duckdb.DuckDBPyConnection, name: str) -> None:
    views = [f"drop view if exists {name}_{view}" for view in ("ru", "ou")]
    tables = [f"drop table if exists {name}_{table}" for table in ("r", "o", "d", "rd", "od", "p", "c")]
    con.execute("; ".join([*views, *tables]))
