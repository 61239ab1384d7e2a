"""Rows that broke their contract: set aside with file, line and reason, never dropped, never in the way of the others.

A row is ``open`` until someone acts: `replay` judges it again by today's contract and configuration and lets it through
when nothing is left to object to (``replayed``); `discard` says it will never come in (``discarded``). A later export
that brings the same record in good order, or no longer holds it, makes it ``answered``. A broken line has no record to
judge: it leaves quarantine when a corrected export lands. Where the key of a row can be read, ``quarantine.keys`` keeps
the record in the population as unreadable until the row is answered, discarded or not: its absence proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from contracts.registry import discover
from contracts.sql import literal, name
from ingest.judge import judge, key_text
from ingest.loads import create_views, parquet_relation, prepare
from ingest.read import Reject
from ingest.sql import one
from ingest.system import Connection, Field, SourceSystem, Stream

__all__ = [
    "CONTRACT_VERSION",
    "UNANSWERED",
    "Replay",
    "discard",
    "open_rows",
    "replay",
    "set_aside",
    "set_aside_lines",
]

#: Version of the stream contracts as a whole.
CONTRACT_VERSION = "1.0.0"
#: Rows that no export has answered yet: nobody knows what their records say.
UNANSWERED = "status in ('open', 'discarded')"


@dataclass(frozen=True)
class Replay:
    """What a replay did: rows let through, rows still objected to, and lines that need a corrected export."""

    replayed: int
    still_open: int
    unreadable_lines: int


def set_aside(con: duckdb.DuckDBPyConnection, rows: str, system: SourceSystem, stream: Stream, landed_at: str) -> None:
    """Writes the rows named in land_violations to quarantine; `rows` is the relation they are in."""
    money = stream.field(stream.amount) if stream.amount else None
    columns = {item.name for item in stream.fields}
    currency = name(money.currency) if money and money.currency in columns else "null"
    fields = ", ".join(f"{literal(item.name)}, {name(item.name)}" for item in stream.fields)
    con.execute(
        "insert into quarantine.rows select r._row_id, r._connection, ?, r._load_id, r._source, r._source_row, "
        f"cast(json_merge_patch(coalesce(r._extra, '{{}}'), json_object({fields})) as varchar), "
        f"{amount_sql(money)}, {currency}, 'open', coalesce((select min(q.first_seen) from quarantine.rows q "
        "join quarantine.keys k using (row_id) where q.status = 'open' and k.connection = r._connection "
        f"and k.stream = ? and k.key = {key_text(stream)}), cast({landed_at} as timestamp)) "
        f"from {rows} as r where r._row_id in (select row_id from land_violations) order by r._row_id",
        [stream.name, stream.name],
    )
    con.execute(
        "insert into quarantine.violations select row_id, ?, ?, field, rule, value, message from land_violations "
        "order by row_id, field, rule",
        [f"{system.name}.{stream.name}", CONTRACT_VERSION],
    )
    con.execute(
        f"insert into quarantine.keys select _connection, ?, {key_text(stream)}, _row_id, _load_id from {rows} as r "
        f"where _row_id in (select row_id from land_violations) and {key_text(stream)} is not null order by _row_id",
        [stream.name],
    )


def set_aside_lines(
    con: duckdb.DuckDBPyConnection,
    where: tuple[Connection, SourceSystem, Stream, str, str],
    rejects: Iterable[tuple[int, Reject, str | None]],
    landed_at: str,
) -> None:
    """Writes broken lines (row id, line, readable key) to quarantine."""
    connection, system, stream, load_id, source = where
    lines = pl.DataFrame(
        [(row_id, reject.line, reject.text, reject.reason, key) for row_id, reject, key in rejects],
        schema={"row_id": pl.Int64, "line": pl.Int64, "text": pl.String, "reason": pl.String, "key": pl.String},
        orient="row",
    )
    if lines.is_empty():
        return
    con.register("land_lines", lines.to_arrow())
    con.execute(
        "insert into quarantine.rows select l.row_id, ?, ?, ?, ?, l.line, l.text, null, null, 'open', "
        f"coalesce(q.first_seen, cast({landed_at} as timestamp)) from land_lines as l left join (select raw_row, "
        "min(first_seen) as first_seen from quarantine.rows where status = 'open' group by raw_row) as q "
        "on q.raw_row = l.text order by l.row_id",
        [connection.name, stream.name, load_id, source],
    )
    con.execute(
        "insert into quarantine.violations select row_id, ?, ?, null, 'line', left(text, 200), "
        "? || ' line ' || line || ': ' || reason from land_lines order by row_id",
        [f"{system.name}.{stream.name}", CONTRACT_VERSION, source],
    )
    con.execute(
        "insert into quarantine.keys select ?, ?, key, row_id, ? from land_lines where key <> '' order by row_id",
        [connection.name, stream.name, load_id],
    )
    con.unregister("land_lines")


def amount_sql(money: Field | None) -> str:
    """What a row is worth in whole units of its currency, or null."""
    if money is None:
        return "cast(null as decimal(18, 4))"
    amount = f"try_cast({name(money.name)} as decimal(18, 4))"
    if not money.base_unit:
        return amount
    unit = literal(money.base_unit) if money.base_unit.isdigit() else name(money.base_unit)
    scaled = f"case {unit} when '1' then {amount} when '1000' then {amount} * 0.001 else {amount} * 0.01 end"
    return f"cast({scaled} as decimal(18, 4))"


def replay(
    warehouse: duckdb.DuckDBPyConnection,
    connections: Iterable[Connection],
    *,
    root: Path,
    row_ids: Iterable[int] | None = None,
) -> Replay:
    """Judges open rows (of `row_ids`, if given) again and lets the good ones through. Repeating it changes nothing."""
    prepare(warehouse)
    chosen = None if row_ids is None else sorted(set(row_ids))
    replayed = still = lines = 0
    for connection in connections:
        system: SourceSystem = discover("ingest.systems", "SYSTEM")[connection.system]
        for (stream_name,) in warehouse.execute(
            "select distinct stream from quarantine.rows where status = 'open' and connection = ? "
            "and (? is null or row_id = any(?)) order by stream",
            [connection.name, chosen, chosen],
        ).fetchall():
            done = _replay_stream(warehouse, connection, system, system.stream(stream_name), root, chosen)
            replayed, still, lines = replayed + done.replayed, still + done.still_open, lines + done.unreadable_lines
    return Replay(replayed, still, lines)


def _replay_stream(
    con: duckdb.DuckDBPyConnection,
    connection: Connection,
    system: SourceSystem,
    stream: Stream,
    root: Path,
    chosen: list[int] | None,
) -> Replay:
    con.execute(
        "create or replace temp table land_open as select row_id from quarantine.rows where status = 'open' "
        "and connection = ? and stream = ? and (? is null or row_id = any(?)) order by row_id",
        [connection.name, stream.name, chosen, chosen],
    )
    files = con.execute(
        "select distinct f.parquet from raw.files f join quarantine.rows q using (load_id) join land_open o "
        "on o.row_id = q.row_id where f.source is not null order by all"
    ).fetchall()
    relation = parquet_relation(root / path for (path,) in files)
    con.execute(
        f"create or replace temp table land_again as select * from {relation} where _row_id in (from land_open)"
    )
    bad = judge(con, "land_again", system, connection, stream)
    total, rows = con.execute("select (select count(*) from land_open), (select count(*) from land_again)").fetchall()[
        0
    ]
    con.execute("begin")
    try:
        con.execute(
            "delete from quarantine.violations where row_id in (select _row_id from land_again) and row_id in "
            "(select row_id from land_violations)"
        )
        con.execute(
            "insert into quarantine.violations select row_id, ?, ?, field, rule, value, message from land_violations "
            "order by row_id, field, rule",
            [f"{system.name}.{stream.name}", CONTRACT_VERSION],
        )
        good = "(select _row_id from land_again where _row_id not in (select row_id from land_violations))"
        con.execute(f"delete from quarantine.keys where row_id in {good}")
        con.execute(f"update quarantine.rows set status = 'replayed' where row_id in {good}")
        create_views(con, system, [stream], root)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return Replay(rows - bad, bad, total - rows)


def open_rows(warehouse: duckdb.DuckDBPyConnection, row_ids: Iterable[int]) -> list[dict[str, Any]]:
    """Those of some rows that are open, and where each was read."""
    columns = "row_id, connection, stream, source, source_row"
    found = warehouse.execute(
        f"select {columns} from quarantine.rows where status = 'open' and row_id = any(?) order by row_id",
        [sorted(set(row_ids))],
    ).fetchall()
    return [dict(zip(columns.split(", "), row, strict=True)) for row in found]


def discard(warehouse: duckdb.DuckDBPyConnection, row_ids: Iterable[int]) -> int:
    """Says that open rows will never come in. They stay in the table with their reasons, and their keys unreadable."""
    done = one(
        warehouse,
        "update quarantine.rows set status = 'discarded' where status = 'open' and row_id = any(?)",
        [sorted(set(row_ids))],
    )
    return int(done[0]) if done else 0
