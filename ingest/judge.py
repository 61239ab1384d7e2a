"""Judges landed text against what the stream declares: one SQL predicate per rule, all rules in one pass.

Text is never rounded or guessed into shape. Money and quantities are tried as wide decimals and compared with the
scale they may have, so ``1.005`` in a column of two decimals is a violation and not ``1.01``. Rows no rule objects to
are good; for the others every objection is kept: field, rule, value, and a sentence a person can act on. Rules across
fields come from `Stream.judge`, which sees typed batches.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

from contracts.sql import literal, name
from ingest.sql import one
from ingest.system import Connection, Field, Judge, SourceSystem, Stream

__all__ = ["Rule", "judge", "key_text", "no_violations", "retyped", "rules", "typed"]

#: A required column in which more than this share of the values is no value of its type has been retyped.
_RETYPED = 0.5
_FEW = 5
_BATCH = 500_000


@dataclass(frozen=True)
class Rule:
    """One objection: the predicate is true for a bad row."""

    field: str
    rule: str
    predicate: str
    message: str


def rules(system: SourceSystem, connection: Connection, stream: Stream) -> list[Rule]:
    """Every rule of a stream, in the order of its fields."""
    return [rule for item in stream.fields for rule in _field_rules(system, connection, stream, item)]


def _field_rules(system: SourceSystem, connection: Connection, stream: Stream, item: Field) -> list[Rule]:
    column = name(item.name)
    filled = f"{column} <> ''"
    made = []
    if not item.nullable:
        made.append(
            Rule(item.name, "required", f"({column} is null or {column} = '')", literal(f"{item.name} is empty"))
        )
    if predicate := _mistyped(system, item):
        expected = _EXPECTED[item.type].format(precision=item.precision)
        expected = (
            expected if item.type != "boolean" else f"one of {', '.join(v for vs in system.booleans for v in vs)}"
        )
        made.append(_refuse(item, f"{filled} and {predicate}", item.type, f"is not {expected}"))
    if item.type in ("decimal", "money"):
        wide, narrow = f"try_cast({column} as decimal(38, 12))", f"try_cast({column} as decimal(38, {item.scale}))"
        decimals = "decimal" if item.scale == 1 else "decimals"
        made.append(
            _refuse(item, f"{filled} and {wide} <> {narrow}", "scale", f"has more than {item.scale} {decimals}")
        )
    if item.lengths:
        allowed = ", ".join(map(str, item.lengths))
        wanted = f"is not {' or '.join(map(str, item.lengths))} characters long"
        made.append(_refuse(item, f"{filled} and length({column}) not in ({allowed})", "length", wanted))
    if values := connection.values(stream, item):
        known = ", ".join(literal(value.lower()) for value in values)
        shown = ", ".join(values) if len(values) <= 12 else f"{', '.join(values[:12])}, ..."
        wanted = f"is none of {shown}"
        made.append(_refuse(item, f"{filled} and lower({column}) not in ({known})", "enum", wanted))
    return made


_EXPECTED = {
    "integer": "a whole number",
    "decimal": "a number of at most {precision} digits",
    "money": "an amount of at most {precision} digits",
    "boolean": "",
    "date": "a date YYYY-MM-DD",
    "timestamp": "a date and time",
    "json": "JSON",
}


def _mistyped(system: SourceSystem, item: Field) -> str:
    """When a filled value is no value of its type, or '' where any text will do."""
    column = name(item.name)
    known = ", ".join(literal(value.lower()) for values in system.booleans for value in values)
    instant = "timestamptz" if system.clock == "offset" else "timestamp"
    number = f"try_cast({column} as decimal({item.precision}, {item.scale})) is null"
    predicates = {
        "integer": f"(try_cast({column} as bigint) is null or contains({column}, '.'))",
        "decimal": number,
        "money": number,
        "boolean": f"lower({column}) not in ({known})",
        "date": f"(try_cast({column} as date) is null or length({column}) <> 10)",
        "timestamp": f"try_cast({column} as {instant}) is null",
        "json": f"not json_valid({column})",
    }
    return predicates.get(item.type, "")


def _refuse(item: Field, predicate: str, rule: str, wanted: str) -> Rule:
    shown = f"left({name(item.name)}, 80)"
    return Rule(
        item.name, rule, f"({predicate})", f"{literal(item.name + ' is ')} || {shown} || {literal(', which ' + wanted)}"
    )


def no_violations(con: duckdb.DuckDBPyConnection) -> int:
    """Starts with an empty table land_violations."""
    con.execute(
        "create or replace temp table land_violations "
        "(row_id bigint, field varchar, rule varchar, value varchar, message varchar)"
    )
    return 0


def judge(
    con: duckdb.DuckDBPyConnection, rows: str, system: SourceSystem, connection: Connection, stream: Stream
) -> int:
    """Fills the table land_violations (row_id, field, rule, value, message); returns how many rows it objects to.

    `rows` is a relation with the columns of the stream and `_row_id`.
    """
    no_violations(con)
    objections = rules(system, connection, stream)
    broken = " or ".join(rule.predicate for rule in objections)
    # what to say of a bad row is worked out only where there is one
    is_any = bool(objections) and one(con, f"select 1 from {rows} as r where {broken} limit 1") is not None
    if is_any:
        cases = ", ".join(
            f"case when {rule.predicate} then {{'field': {literal(rule.field)}, 'rule': {literal(rule.rule)}, "
            f"'value': {name(rule.field)}, 'message': {rule.message}}} end"
            for rule in objections
        )
        con.execute(
            "insert into land_violations select row_id, v.field, v.rule, v.value, v.message from "
            f"(select _row_id as row_id, unnest([{cases}]) as v from {rows} as r "
            f"where {broken}) where v is not null"
        )
    if stream.judge:
        _judge_batches(con, rows, stream.judge, typed(system, stream))
    elif not is_any:
        return 0
    found = one(con, "select count(distinct row_id) from land_violations")
    return int(found[0]) if found else 0


def _judge_batches(con: duckdb.DuckDBPyConnection, rows: str, across: Judge, columns: str) -> None:
    """Streams typed batches through the rules across fields; only bad rows come back."""
    reader = con.cursor().sql(f"select _row_id, {columns} from {rows} as r").to_arrow_reader(_BATCH)
    for batch in reader:
        frame = pl.from_arrow(batch)
        if isinstance(frame, pl.DataFrame) and frame.height:
            bad = across(frame).select("row_id", "field", "rule", "value", "message")
            con.register("land_bad", bad.to_arrow())
            con.execute("insert into land_violations select * from land_bad")
            con.unregister("land_bad")


def typed(system: SourceSystem, stream: Stream) -> str:
    """The fields of a stream as a select list of typed columns; text that is no value of its type becomes null."""
    return ", ".join(f"{_typed(system, item)} as {name(item.name)}" for item in stream.fields)


def _typed(system: SourceSystem, item: Field) -> str:
    column = name(item.name)
    if item.type == "boolean":
        yes, no = (", ".join(literal(value.lower()) for value in values) for values in system.booleans)
        return f"case when lower({column}) in ({yes}) then true when lower({column}) in ({no}) then false end"
    types = {
        "integer": "bigint",
        "decimal": f"decimal({item.precision}, {item.scale})",
        "money": "decimal(18, 4)",
        "date": "date",
        "timestamp": "timestamptz" if system.clock == "offset" else "timestamp",
    }
    return f"try_cast({column} as {types[item.type]})" if item.type in types else f"nullif({column}, '')"


def retyped(con: duckdb.DuckDBPyConnection, rows: int, stream: Stream) -> str:
    """What to say when a required column no longer holds values of its type; '' when all do."""
    needed = [item.name for item in stream.fields if item.required]
    found = one(
        con,
        "select field, count(*) as bad, min(message) from land_violations where rule in "
        "('integer', 'decimal', 'money', 'boolean', 'date', 'timestamp', 'length') and field = any(?) "
        "group by field having count(*) > ? and count(*) >= ? order by bad desc, field limit 1",
        [needed, rows * _RETYPED, _FEW],
    )
    if not found:
        return ""
    field, bad, message = found
    return f"required column {field} changed its type: {bad:,} of {rows:,} rows do not fit, for example: {message}"


def key_text(stream: Stream) -> str:
    """The key of a row as one text, parts joined by ``|``; null when a part is empty."""
    parts = [f"nullif({name(part)}, '')" for part in stream.key]
    return parts[0] if len(parts) == 1 else "(" + " || '|' || ".join(parts) + ")"
