"""The expressions of a rule: parsed once, their names resolved against a side or the aligned row, parameters bound."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from reconcile.errors import RuleError

__all__ = ["aligned", "columns_used", "on_side", "parse", "render"]

#: Qualifiers of the aligned row and the prefix of their columns in the aligned table.
SIDES: Mapping[str, str] = {"reference": "r_", "other": "o_"}


@lru_cache(maxsize=4096)
def _parsed(text: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, read=DuckDB)
    except sqlglot.errors.ParseError as error:
        raise RuleError(f"The expression {text!r} cannot be read as SQL: {error.errors[0]['description']}.") from error


def parse(text: str) -> exp.Expr:
    """The syntax tree of an expression, yours to change."""
    return _parsed(text).copy()


def render(sql: str, dialect: str = "duckdb") -> str:
    """SQL of the compiler in another engine's dialect."""
    if dialect == "duckdb":
        return sql
    return ";\n".join(sqlglot.transpile(sql, read="duckdb", write=dialect))


@lru_cache(maxsize=16384)
def columns_used(text: str, qualifier: str = "") -> frozenset[str]:
    """The column names an expression uses, those of one qualifier only where it is given."""
    if not text:
        return frozenset()
    found = _parsed(text).find_all(exp.Column)
    return frozenset(column.name.lower() for column in found if column.table.lower() == qualifier)


def on_side(text: str, known: Iterable[str], aliases: Mapping[str, str], where: str) -> str:
    """An expression over the columns of one side, with the side's own names for things put in their place."""
    return _on_side(text, frozenset(known), tuple(aliases.items()), where)


@lru_cache(maxsize=65536)
def _on_side(text: str, known: frozenset[str], items: tuple[tuple[str, str], ...], where: str) -> str:
    aliases = dict(items)

    def expand(text: str, expanding: frozenset[str]) -> exp.Expr:
        def resolve(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column) or node.table or _in_subquery(node):
                return node
            name = node.name.lower()
            if name in aliases and name not in expanding:
                return exp.paren(expand(aliases[name], expanding | {name}), copy=False)
            if name not in known:
                raise RuleError(_unknown(name, known | set(aliases)), where=where)
            return node

        return _parsed(text).transform(resolve)

    return expand(text, frozenset()).sql(dialect="duckdb", copy=False)


def aligned(text: str, known: Mapping[str, Iterable[str]], where: str, names: Mapping[str, str] | None = None) -> str:
    """An expression over the aligned row; `known` gives the columns of each side, `names` what else may be said."""
    columns = tuple((side, tuple(listed)) for side, listed in known.items())
    return _aligned(text, columns, where, tuple((names or {}).items()))


@lru_cache(maxsize=65536)
def _aligned(
    text: str, columns: tuple[tuple[str, tuple[str, ...]], ...], where: str, said: tuple[tuple[str, str], ...]
) -> str:
    known, names = dict(columns), dict(said)

    def resolve(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column) or _in_subquery(node):
            return node
        name, side = node.name.lower(), node.table.lower()
        if not side and name in names:
            return exp.paren(parse(names[name]))
        if side not in SIDES:
            raise RuleError(f"say reference.{name} or other.{name}, not {node.sql()!r}", where=where)
        if name not in set(known.get(side, ())):
            raise RuleError(_unknown(name, known.get(side, ())), where=f"{where}, {side} side")
        return exp.column(f"{SIDES[side]}{name}")

    return _parsed(text).transform(resolve).sql(dialect="duckdb", copy=False)


def _in_subquery(node: exp.Expr) -> bool:
    return node.find_ancestor(exp.Select) is not None


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    return f"no column {name!r}{hint}"
