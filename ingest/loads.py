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
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from contracts.sql import by_column, from_lists, literal, name
from ingest.files import Facts, SourceFile, examine, fingerprint, recall
from ingest.read import META
from ingest.sql import one
from ingest.system import Connection, SourceSystem, Stream

__all__ = [
    "FileRow",
    "LoadRow",
    "Seen",
    "contents",
    "create_views",
    "drift",
    "facts_of",
    "insert",
    "next_row_id",
    "parquet_relation",
    "prepare",
    "raw_folder",
    "remember",
    "seen",
    "set_status",
    "set_watermark",
    "sweep",
    "to_utc",
]

#: The columns of raw.seen.
_SEEN = {
    "connection": "varchar", "file": "varchar", "bytes": "bigint", "modified": "bigint", "inode": "bigint",
    "dialect": "varchar", "sha256": "varchar", "lines": "bigint", "columns": "varchar", "problem": "varchar",
}  # fmt: skip
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
create table if not exists raw.seen ({seen}, primary key (connection, file));
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
    warehouse.execute(_TABLES.format(seen=", ".join(f"{column} {kind}" for column, kind in _SEEN.items())))
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


@dataclass(frozen=True)
class Seen:
    """What is remembered of the files of a connection, and what was found out anew and is still to be written down."""

    connection: Connection
    delimiter: str
    encoding: str
    #: By file: size, time and inode, then its facts as `raw.seen` has them.
    known: dict[str, tuple[Any, ...]]
    found: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def dialect(self) -> str:
        """How the files are read; facts found in another way do not count."""
        return f"{self.delimiter} {self.encoding}"


def seen(con: duckdb.DuckDBPyConnection, connection: Connection, system: SourceSystem, *, verify: bool) -> Seen:
    """What is remembered of the files of a connection; nothing is where all are to be read again."""
    delimiter = str(connection.options.get("delimiter", system.delimiter))
    encoding = str(connection.options.get("encoding", "utf-8"))
    remembered = Seen(connection, delimiter, encoding, {})
    if not verify:
        rows = con.execute(
            "select file, bytes, modified, inode, sha256, lines, columns, problem from raw.seen where connection = ? "
            "and dialect = ?",
            [connection.name, remembered.dialect],
        ).fetchall()
        remembered.known.update((row[0], row[1:]) for row in rows)
    return remembered


def facts_of(seen: Seen, files: list[SourceFile]) -> list[tuple[SourceFile, Facts]]:
    """The facts about files, remembered where size, time and inode are as they were."""
    stamps = {file.name: recall(file.path) for file in files}
    known = {name: row[3:] for name, row in seen.known.items() if row[:3] == stamps.get(name)}
    fresh = [file for file in files if file.name not in known]
    with ThreadPoolExecutor(2) as pool:
        examined = dict(
            zip(
                (file.name for file in fresh),
                pool.map(lambda file: examine(file, seen.delimiter, seen.encoding), fresh),
                strict=True,
            )
        )
    for file_name, facts in examined.items():
        columns = json.dumps(facts.columns, ensure_ascii=False)
        stated = (*stamps[file_name], seen.dialect, facts.sha256, facts.lines, columns, facts.problem)
        seen.found.append((seen.connection.name, file_name, *stated))
    return [(file, examined.get(file.name) or _remembered(stamps[file.name][0], known[file.name])) for file in files]


def remember(con: duckdb.DuckDBPyConnection, seen: Seen) -> None:
    """Writes down what was found out about files; files of a landing killed before it are simply read again."""
    if seen.found:
        con.execute(f"insert or replace into raw.seen {from_lists(_SEEN)}", by_column(seen.found))


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
    wanted = {stream.name: stream for stream in streams}
    files: dict[str, list[tuple[str, str]]] = {}
    for stream_name, path, shape in con.execute(
        "select stream, parquet, shape from raw.files where system = ? and stream = any(?) order by row_base",
        [system.name, list(wanted)],
    ).fetchall():
        files.setdefault(stream_name, []).append((str((root / path).resolve()), shape))
    aside = con.execute(
        "select distinct q.stream from quarantine.rows q join raw.loads l using (load_id) "
        "where l.system = ? and q.stream = any(?) and q.status <> 'replayed'",
        [system.name, list(wanted)],
    ).fetchall()
    for stream_name, stream in wanted.items():
        select = _view(stream, files.get(stream_name, []), has_aside=(stream_name,) in aside)
        con.execute(f"create or replace view raw.{name(f'{system.name}__{stream_name}')} as {select}")


def _view(stream: Stream, files: list[tuple[str, str]], *, has_aside: bool) -> str:
    """The select of the good rows of a stream, of which `files` (path, shape) were landed."""
    fields = [name(item.name) for item in stream.fields]
    types = {**dict.fromkeys(fields, "varchar"), "_extra": "varchar", "_row_id": "bigint"}
    types |= {key: META[key] for key in ("_connection", "_load_id", "_op", "_source")}
    types |= {"_source_row": "bigint", "_row_hash": META["_row_hash"]}
    empty = (
        "select " + ", ".join(f"cast(null as {type_}) as {column}" for column, type_ in types.items()) + " where false"
    )
    if not files:
        return empty
    relation = parquet_relation(path for path, _ in files)
    if {shape for _, shape in files} != {stream_shape(stream)}:
        relation = f"({empty} union all by name select * from {relation})"
    good = "where _row_id not in (select row_id from quarantine.rows where status <> 'replayed')"
    return f"select {', '.join(types)} from {relation} {good if has_aside else ''}"


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
    for column in fields:
        message = (
            f"{stream.name} has a column nobody declared: {column}. It is kept in _extra."
            if kind == "added"
            else f"{stream.name} lacks the optional column {column}. What needs it is not available."
        )
        done = one(
            con,
            "insert or ignore into raw.drift values (?, ?, ?, ?, 'S3', ?, ?)",
            [connection.name, stream.name, kind, column, message, load_id],
        )
        if done and done[0]:
            told.append(column)
    return told


def set_status(con: duckdb.DuckDBPyConnection, connection: Connection, stated: Sequence[tuple[str, str, str]]) -> None:
    """Says how streams stand (name, status, message); last load, its kind and its watermark come from raw.loads."""
    given = from_lists({"stream": "varchar", "status": "varchar", "message": "varchar"})
    con.execute(
        "insert or replace into raw.streams select ?, ?, g.stream, g.status, g.message, l.load_id, l.kind, "
        f"l.rows_new + l.rows_unchanged, l.landed_at from ({given}) as g left join (select * from raw.loads "
        "where connection = ? qualify row_number() over (partition by stream order by sequence desc) = 1) as l "
        "using (stream)",
        [connection.name, connection.system, *by_column(stated), connection.name],
    )


def contents(con: duckdb.DuckDBPyConnection, connection: Connection) -> dict[str, list[str]]:
    """By stream, the content of each of its loads, the latest last."""
    found: dict[str, list[str]] = {}
    for stream, content in con.execute(
        "select stream, content from raw.loads where connection = ? order by sequence", [connection.name]
    ).fetchall():
        found.setdefault(stream, []).append(content)
    return found


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
