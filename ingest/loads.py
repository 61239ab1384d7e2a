"""The books of landing: which files became which loads, what is known of each stream, and the raw views over it all.

Tables, all in the warehouse beside the data:

- ``raw.loads``: one row per load; ``lines = headers + rows_new + rejected + rows_unchanged`` holds for each.
- ``raw.load_money``: per load and money field, ``read = landed + quarantined + unchanged``.
- ``raw.files``: one row per Parquet file, with the file it came from and the row ids it holds.
- ``raw.streams``: what the last landing said of each stream; a rule that needs a stream whose status is neither
  ``landed`` nor ``unchanged`` does not run.
- ``raw.watermarks``: until when a connection has been read, UTC.
- ``raw.drift``: columns that appeared or are absent, told once.
- ``raw.seen``: facts about files by size, time and inode, so that an untouched file is not read again.

``raw.<system>__<stream>`` are views over the Parquet files of all connections of a system. They hold the good rows;
rows set aside are in ``quarantine.rows``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from contracts.sql import literal, name
from ingest.files import Facts, SourceFile, examine, fingerprint, recall
from ingest.read import META
from ingest.sql import one
from ingest.system import Connection, SourceSystem, Stream

__all__ = [
    "FileRow",
    "LoadRow",
    "create_views",
    "drift",
    "facts_of",
    "insert",
    "next_row_id",
    "parquet_relation",
    "prepare",
    "raw_folder",
    "set_status",
    "set_watermark",
    "sweep",
    "to_utc",
]

_TABLES = """
create schema if not exists raw;
create schema if not exists quarantine;
create table if not exists raw.loads (
    load_id varchar primary key, connection varchar, stream varchar, kind varchar, source varchar, sha256 varchar,
    bytes bigint, lines bigint, header_fingerprint varchar, rows_new bigint, rows_unchanged bigint, rows_deleted bigint,
    rejected bigint, cursor varchar, engine_version varchar, landed_at timestamp,
    system varchar, headers bigint, sequence bigint, content varchar);
create table if not exists raw.load_money (
    load_id varchar, field varchar, read decimal(38, 4), landed decimal(38, 4), quarantined decimal(38, 4),
    unchanged decimal(38, 4));
create table if not exists raw.files (
    load_id varchar, connection varchar, stream varchar, system varchar, source varchar, sha256 varchar, bytes bigint,
    lines bigint, header_fingerprint varchar, shape varchar, parquet varchar, row_base bigint, row_end bigint);
create table if not exists raw.streams (
    connection varchar, system varchar, stream varchar, status varchar, message varchar, last_load_id varchar,
    kind varchar, rows bigint, watermark timestamp, primary key (connection, stream));
create table if not exists raw.watermarks (
    connection varchar primary key, watermark timestamp, source varchar, time_zone varchar);
create table if not exists raw.drift (
    connection varchar, stream varchar, kind varchar, field varchar, severity varchar, message varchar, load_id varchar,
    primary key (connection, stream, kind, field));
create table if not exists raw.seen (
    connection varchar, file varchar, bytes bigint, modified bigint, inode bigint, dialect varchar, sha256 varchar,
    lines bigint, columns varchar, problem varchar, primary key (connection, file));
create table if not exists quarantine.rows (
    row_id bigint, connection varchar, stream varchar, load_id varchar, source varchar, source_row bigint,
    raw_row varchar, amount decimal(18, 4), currency varchar, status varchar, first_seen timestamp);
create table if not exists quarantine.violations (
    row_id bigint, contract varchar, contract_version varchar, field varchar, rule varchar, value varchar,
    message varchar);
create table if not exists quarantine.keys (
    connection varchar, stream varchar, key varchar, row_id bigint, load_id varchar);
"""


@dataclass(frozen=True)
class LoadRow:
    """A row of raw.loads."""

    load_id: str
    connection: str
    stream: str
    kind: str
    source: str
    sha256: str
    bytes: int
    lines: int
    header_fingerprint: str
    rows_new: int
    rows_unchanged: int
    rows_deleted: int
    rejected: int
    cursor: str | None
    engine_version: str
    landed_at: dt.datetime | None
    system: str
    headers: int
    sequence: int
    content: str


@dataclass(frozen=True)
class FileRow:
    """A row of raw.files."""

    load_id: str
    connection: str
    stream: str
    system: str
    source: str | None
    sha256: str | None
    bytes: int
    lines: int
    header_fingerprint: str | None
    shape: str
    parquet: str
    row_base: int
    row_end: int


def prepare(
    warehouse: duckdb.DuckDBPyConnection, systems: Iterable[SourceSystem] = (), root: Path | None = None
) -> None:
    """Creates the tables of landing, and the raw views of `systems`; a stream nobody landed is an empty view."""
    warehouse.execute(_TABLES)
    for system in systems:
        create_views(warehouse, system, system.streams, root or Path())


def insert(con: duckdb.DuckDBPyConnection, table: str, row: LoadRow | FileRow) -> None:
    """Adds one row to a table of landing."""
    values = astuple(row)
    con.execute(f"insert into {table} values ({', '.join('?' for _ in values)})", list(values))


def raw_folder(root: Path, connection: str, stream: str = "") -> Path:
    """Where the raw Parquet of a connection or stream lies."""
    return root / ".tieout" / "raw" / connection / stream


def sweep(con: duckdb.DuckDBPyConnection, root: Path, connection: str) -> None:
    """Removes files a killed landing left behind: they are in no load.

    Where no book knows the connection at all, the warehouse was lost rather than a landing killed: what has its final
    name then stays.
    """
    known = {
        path for (path,) in con.execute("select parquet from raw.files where connection = ?", [connection]).fetchall()
    }
    folder = raw_folder(root, connection)
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        passing = path.suffix != ".parquet" or known
        if path.is_file() and passing and path.relative_to(root).as_posix() not in known:
            path.unlink()


def next_row_id(con: duckdb.DuckDBPyConnection) -> int:
    """The first row id nobody has; ids start at 1."""
    found = one(con, "select coalesce(max(row_end), 0) + 1 from raw.files")
    return int(found[0]) if found else 1


def facts_of(
    con: duckdb.DuckDBPyConnection,
    connection: Connection,
    system: SourceSystem,
    files: list[SourceFile],
    *,
    verify: bool,
) -> list[tuple[SourceFile, Facts]]:
    """The facts about files, remembered where size, time and inode are as they were."""
    delimiter = str(connection.options.get("delimiter", system.delimiter))
    encoding = str(connection.options.get("encoding", "utf-8"))
    dialect = f"{delimiter} {encoding}"
    stamps = {file.name: recall(file.path) for file in files}
    rows = con.execute(
        "select file, bytes, modified, inode, sha256, lines, columns, problem from raw.seen where connection = ? "
        "and dialect = ?",
        [connection.name, dialect],
    ).fetchall()
    known = {row[0]: row[4:] for row in rows if not verify and row[1:4] == stamps.get(row[0])}
    fresh = [file for file in files if file.name not in known]
    with ThreadPoolExecutor(2) as pool:
        examined = dict(
            zip(
                (file.name for file in fresh),
                pool.map(lambda file: examine(file, delimiter, encoding), fresh),
                strict=True,
            )
        )
    for file_name, facts in examined.items():
        row = [connection.name, file_name, *stamps[file_name], dialect, facts.sha256, facts.lines]
        con.execute(
            f"insert or replace into raw.seen values ({', '.join('?' * 10)})",
            [*row, json.dumps(facts.columns, ensure_ascii=False), facts.problem],
        )
    return [(file, examined.get(file.name) or _remembered(stamps[file.name][0], known[file.name])) for file in files]


def _remembered(size: int, row: tuple[str, int, str, str]) -> Facts:
    sha256, lines, columns, problem = row
    return Facts(size, sha256, lines, tuple(json.loads(columns)), problem)


def parquet_relation(paths: Iterable[Path | str]) -> str:
    """Raw Parquet files as a relation with `_row_id` and `_source_row`."""
    listed = ", ".join(literal(str(path)) for path in paths)
    hidden = "_row_base, _first_line, _line, file_row_number"
    return (
        f"(select * exclude ({hidden}), _row_base + file_row_number as _row_id, "
        "coalesce(_line, _first_line + file_row_number) as _source_row "
        f"from read_parquet([{listed}], file_row_number = true, union_by_name = true))"
    )


def create_views(con: duckdb.DuckDBPyConnection, system: SourceSystem, streams: Iterable[Stream], root: Path) -> None:
    """(Re)creates ``raw.<system>__<stream>`` over everything landed for it."""
    for stream in streams:
        con.execute(
            f"create or replace view raw.{name(f'{system.name}__{stream.name}')} as {_view(con, system, stream, root)}"
        )


def _view(con: duckdb.DuckDBPyConnection, system: SourceSystem, stream: Stream, root: Path) -> str:
    fields = [name(item.name) for item in stream.fields]
    types = {**dict.fromkeys(fields, "varchar"), "_extra": "varchar", "_row_id": "bigint"}
    types |= {key: META[key] for key in ("_connection", "_load_id", "_op", "_source")}
    types |= {"_source_row": "bigint", "_row_hash": META["_row_hash"]}
    empty = (
        "select " + ", ".join(f"cast(null as {type_}) as {column}" for column, type_ in types.items()) + " where false"
    )
    files = con.execute(
        "select parquet, shape from raw.files where system = ? and stream = ? order by row_base",
        [system.name, stream.name],
    ).fetchall()
    if not files:
        return empty
    relation = parquet_relation((root / path).resolve() for path, _ in files)
    if {shape for _, shape in files} != {stream_shape(stream)}:
        relation = f"({empty} union all by name select * from {relation})"
    aside = one(
        con,
        "select count(*) from quarantine.rows q join raw.loads l using (load_id) "
        "where l.system = ? and q.stream = ? and q.status <> 'replayed'",
        [system.name, stream.name],
    )
    good = "where _row_id not in (select row_id from quarantine.rows where status <> 'replayed')"
    return f"select {', '.join(types)} from {relation} {good if aside and aside[0] else ''}"


def stream_shape(stream: Stream) -> str:
    """A short name for the declared columns of a stream."""
    return fingerprint(tuple(item.name for item in stream.fields))


def drift(
    con: duckdb.DuckDBPyConnection,
    connection: Connection,
    stream: Stream,
    kind: str,
    fields: Iterable[str],
    load_id: str,
) -> list[str]:
    """Records columns that appeared (``added``) or are absent (``missing``); returns those never told before."""
    told = []
    for field in fields:
        message = (
            f"{stream.name} has a column nobody declared: {field}. It is kept in _extra."
            if kind == "added"
            else f"{stream.name} lacks the optional column {field}. What needs it is not available."
        )
        done = one(
            con,
            "insert or ignore into raw.drift values (?, ?, ?, ?, 'S3', ?, ?)",
            [connection.name, stream.name, kind, field, message, load_id],
        )
        if done and done[0]:
            told.append(field)
    return told


def set_status(
    con: duckdb.DuckDBPyConnection,
    connection: Connection,
    stream: str,
    status: str,
    message: str,
    rows: int | None = None,
) -> None:
    """Says how a stream stands; the last load, its kind and its watermark come from raw.loads."""
    last = one(
        con,
        "select load_id, kind, rows_new + rows_unchanged, landed_at from raw.loads where connection = ? and stream = ? "
        "order by sequence desc limit 1",
        [connection.name, stream],
    ) or (None, None, None, None)
    con.execute(
        "insert or replace into raw.streams values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            connection.name,
            connection.system,
            stream,
            status,
            message,
            last[0],
            last[1],
            last[2] if rows is None else rows,
            last[3],
        ],
    )


def set_watermark(
    con: duckdb.DuckDBPyConnection, connection: Connection, extracted_at: dt.datetime | None, zone: str
) -> dt.datetime | None:
    """Says until when a connection has been read: its manifest, else the largest cursor value landed."""
    latest = one(con, "select max(cursor) from raw.loads where connection = ?", [connection.name])
    by_cursor = dt.datetime.fromisoformat(latest[0]) if latest and latest[0] else None
    watermark, source = (extracted_at, "manifest") if extracted_at else (by_cursor, "cursor")
    if watermark:
        con.execute(
            "insert or replace into raw.watermarks values (?, ?, ?, ?)", [connection.name, watermark, source, zone]
        )
    return watermark


def to_utc(moment: dt.datetime, zone: str) -> dt.datetime:
    """An instant as naive UTC; one without an offset is read in `zone`."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(dt.UTC).replace(tzinfo=None)
