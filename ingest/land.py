"""Lands exports: from a vendor's files to raw Parquet, with every line accounted for.

For each stream of a connection: find its files, read them, judge the rows, keep what is new, and write the books.

- A file whose bytes were landed before is not read again. In a full export a record that is as it was lands no second
  time, and one that is gone lands as a deletion (`_op` = D); when more than a fifth is gone the stream stops, because a
  cut export looks exactly like that. A delta says nothing about what it leaves out.
- Within one load every row lands, repeats included: they are evidence.
- A row that breaks its contract goes to quarantine and the others go on. A stream without a column it needs, or whose
  file cannot be read, stops with one message; the other streams go on, and what it landed before stays.
- A stream much older than the rest of its connection is stale (`ingest.stale`): it lands, but nothing is concluded from
  it.
- Loads are named by their content, so the same input gives the same load and the same row ids. Files are written under
  a passing name, renamed, then entered in the books in one transaction: a killed landing is simply repeated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import duckdb

from contracts.errors import ConfigError, StreamStopped
from contracts.registry import discover
from ingest import loads
from ingest.commit import commit
from ingest.files import Facts, SourceFile, find, fingerprint, listing, read_manifest
from ingest.match import Match, match_columns, require_files
from ingest.read import Part, Target, header_lines
from ingest.register import Done, Staged
from ingest.rescue import read
from ingest.sql import one
from ingest.stale import Age, extracted_at
from ingest.system import Connection, SourceSystem, Stream

__all__ = ["Landing", "StreamLanding", "land"]

#: Files read at the same time: hashing and small files use one core each.
_AT_ONCE = 2

Status = Literal["landed", "unchanged", "stopped", "missing", "absent", "stale"]
#: Called before each stream with its name, how many are done, and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class StreamLanding:
    """What landing one stream gave."""

    stream: str
    status: Status
    message: str = ""
    kind: str = "full"
    load_id: str | None = None
    rows_new: int = 0
    rows_unchanged: int = 0
    rows_deleted: int = 0
    #: Lines that are no rows.
    rejected: int = 0
    #: Rows that broke their contract.
    quarantined: int = 0
    lines: int = 0


@dataclass(frozen=True)
class Landing:
    """What landing one connection gave."""

    connection: str
    streams: tuple[StreamLanding, ...]
    watermark: dt.datetime | None
    #: What a person should know that stopped nothing: files nobody knows, copies, new columns.
    notes: tuple[str, ...] = ()

    def __getitem__(self, stream: str) -> StreamLanding:
        return next(item for item in self.streams if item.stream == stream)

    @property
    def changed(self) -> bool:
        """Something new was landed."""
        return any(item.status == "landed" for item in self.streams)

    @property
    def partial(self) -> bool:
        """A stream stopped, is missing or stale."""
        return any(item.status in ("stopped", "missing", "stale") for item in self.streams)


@dataclass(frozen=True)
class _Job:
    """What landing a connection needs at every step."""

    con: duckdb.DuckDBPyConnection
    connection: Connection
    system: SourceSystem
    root: Path
    manifest: dict[str, Any]
    extracted_at: dt.datetime | None
    zone: str
    files: list[SourceFile]
    seen: loads.Seen
    #: By stream, the content of each load before this landing.
    contents: dict[str, list[str]]
    notes: list[str] = field(default_factory=list)


def land(
    warehouse: duckdb.DuckDBPyConnection,
    connection: Connection,
    *,
    root: Path,
    verify: bool = False,
    progress: Progress | None = None,
) -> Landing:
    """Lands what is new in the files of `connection`; raw Parquet goes to ``<root>/.tieout/raw``.

    `verify` reads and hashes files again that look untouched. Raises `ConfigError` for a system or folder that does not
    exist, `ConservationError` when rows or money went missing between two steps.
    """
    system = _system(connection)
    require_files(connection, system)
    folder = (root / connection.path).resolve()
    if not folder.is_dir():
        raise ConfigError(
            f"connection {connection.name} has no folder {folder}", then="Correct its path in tieout.yml."
        )
    loads.prepare(warehouse)
    loads.sweep(warehouse, root, connection.name)
    manifest = read_manifest(folder)
    zone = str(manifest.get("time_zone") or connection.time_zone)
    read_at = extracted_at(manifest.get("extracted_at"))
    seen = loads.seen(warehouse, connection, system, verify=verify)
    before = loads.contents(warehouse, connection)
    job = _Job(warehouse, connection, system, root, manifest, read_at, zone, listing(folder), seen, before)
    results = []
    with _in_file_order(warehouse):
        for done, stream in enumerate(system.streams):
            if progress:
                progress(stream.name, done, len(system.streams))
            results.append(_land_stream(job, stream))
    results, watermark = _conclude(job, results, folder)
    known = {connection.file_stem(stream).lower() for stream in system.streams}
    strangers = [file.name for file in job.files if file.stem.lower() not in known]
    notes = [f"{file} is no stream of {system.title} and was left alone." for file in strangers]
    return Landing(connection.name, tuple(results), watermark, (*job.notes, *notes))


def _system(connection: Connection) -> SourceSystem:
    systems = discover("ingest.systems", "SYSTEM")
    if connection.system not in systems:
        raise ConfigError(
            f"connection {connection.name} names the system {connection.system!r}", then=f"Known: {', '.join(systems)}."
        )
    system: SourceSystem = systems[connection.system]
    return system


@contextmanager
def _in_file_order(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The order of lines is kept while files are read, whatever the caller prefers afterwards."""
    found = one(con, "select current_setting('preserve_insertion_order')")
    con.execute("set preserve_insertion_order = true")
    try:
        yield
    finally:
        con.execute(f"set preserve_insertion_order = {bool(found and found[0])}")


def _land_stream(job: _Job, stream: Stream) -> StreamLanding:
    """Lands one stream; what makes it unusable becomes its message."""
    kind = _kind(job, stream)
    try:
        return _land_files(job, stream, kind)
    except (StreamStopped, OSError) as error:
        return StreamLanding(stream.name, "stopped", str(error), kind)


def _conclude(job: _Job, results: list[StreamLanding], folder: Path) -> tuple[list[StreamLanding], dt.datetime | None]:
    """Says how every stream stands and until when the connection has been read, and renews the raw views."""
    job.con.execute("begin")
    try:
        # what plays no role is handed in and not extracted: it says nothing about until when the firm is known
        plays = bool(job.system.roles)
        watermark = loads.set_watermark(job.con, job.connection, job.extracted_at, job.zone) if plays else None
        age = Age(job.connection, job.manifest, folder, job.files, watermark)
        results = [_aged(result, age.trouble(job.system.stream(result.stream), result.kind)) for result in results]
        loads.set_status(job.con, job.connection, [(one.stream, one.status, one.message) for one in results])
        loads.remember(job.con, job.seen)
        # what was landed renewed its view with its load
        others = [job.system.stream(result.stream) for result in results if result.status != "landed"]
        loads.create_views(job.con, job.system, others, job.root)
        job.con.execute("commit")
    except BaseException:
        job.con.execute("rollback")
        raise
    return results, watermark


def _aged(result: StreamLanding, trouble: str) -> StreamLanding:
    """The same landing, stale where a stream that is there is too old."""
    if not trouble or result.status not in ("landed", "unchanged"):
        return result
    return replace(result, status="stale", message=f"{trouble} {result.message}".strip())


def _kind(job: _Job, stream: Stream) -> str:
    per_stream = job.manifest.get("streams", {}).get(stream.name, {})
    stated = per_stream.get("kind") if isinstance(per_stream, dict) else per_stream
    return "delta" if stream.log else str(stated or job.manifest.get("kind") or "full")


@dataclass(frozen=True)
class _Reading:
    """One file to read: what it is, what is known of it, which column holds which field."""

    file: SourceFile
    facts: Facts
    match: Match


def _land_files(job: _Job, stream: Stream, kind: str) -> StreamLanding:
    files = find(job.files, job.connection.file_stem(stream))
    if not files:
        return _missing(job, stream, kind)
    readings, copies = _readings(job, stream, files)
    shape = loads.stream_shape(stream)
    identity = (job.connection.name, stream.name, kind, shape, _naming(job, stream))
    content = fingerprint((*identity, *sorted(reading.facts.sha256 for reading in readings)))
    if kind == "delta":
        seen = _seen(job, stream, shape)
        readings = [reading for reading in readings if reading.facts.sha256 not in seen]
    before = job.contents.get(stream.name, [])
    if not readings or content in before[-1:]:
        return StreamLanding(stream.name, "unchanged", " ".join(copies), kind)
    load_id = _load_id(content, before)
    parts = _read(job, stream, load_id, readings)
    staged = Staged(
        job.system, job.connection, stream, job.root, kind, load_id, content, shape, job.zone, job.extracted_at, parts
    )
    done = commit(job.con, staged)
    message = " ".join([*copies, *_drifted(job, stream, load_id, readings), *_remarks(parts, done)])
    return StreamLanding(stream.name, "landed", message, kind, load_id, **{key: getattr(done, key) for key in _COUNTS})


_COUNTS = ("rows_new", "rows_unchanged", "rows_deleted", "rejected", "quarantined", "lines")


def _missing(job: _Job, stream: Stream, kind: str) -> StreamLanding:
    stem = job.connection.file_stem(stream)
    before = job.contents.get(stream.name)
    if stream.optional and not before:
        return StreamLanding(stream.name, "absent", f"not exported: there is no {stream.optional}.", kind)
    message = f"no file {stem}.{job.system.format} in {job.connection.path or '.'}." + (
        " It was there before; what was landed then stays, but nothing is concluded from it." if before else ""
    )
    return StreamLanding(stream.name, "missing", message, kind)


def _readings(job: _Job, stream: Stream, files: list[SourceFile]) -> tuple[list[_Reading], list[str]]:
    """The files to read, each content once, and a sentence about each copy."""
    readings: list[_Reading] = []
    copies = []
    first: dict[str, str] = {}
    for file, facts in loads.facts_of(job.seen, files):
        if facts.problem:
            raise StreamStopped(
                facts.problem, where=file.name, then="Export it again. The stream is stopped; the others go on."
            )
        if facts.sha256 in first and facts.lines > 1:
            copies.append(f"{file.name} is a byte-for-byte copy of {first[facts.sha256]} and was landed once.")
            continue
        first[facts.sha256] = file.name
        readings.append(_Reading(file, facts, match_columns(job.connection, job.system, stream, file, facts)))
    job.notes.extend(copies)
    return readings, copies


def _naming(job: _Job, stream: Stream) -> str:
    """The part of the configuration that decides how a file of this stream reads."""
    names = [f"{item.name}={job.connection.column(stream, item)}" for item in stream.fields if item.custom]
    labels = stream.named_values.names if stream.named_values else ()
    names += [f"{label}={job.connection.fields.get(label, label)}" for label in labels]
    options = [f"{key}={job.connection.options.get(key)}" for key in ("encoding", "delimiter")]
    return ",".join((*names, *options))


def _seen(job: _Job, stream: Stream, shape: str) -> set[str]:
    rows = job.con.execute(
        "select sha256 from raw.files where connection = ? and stream = ? and shape = ? and sha256 is not null",
        [job.connection.name, stream.name, shape],
    ).fetchall()
    return {sha256 for (sha256,) in rows}


def _load_id(content: str, before: list[str]) -> str:
    """The content names the load; content that comes back after something else was landed gets a number."""
    times = before.count(content)
    return content if not times else f"{content}-{times + 1}"


def _read(job: _Job, stream: Stream, load_id: str, readings: list[_Reading]) -> tuple[Part, ...]:
    """Reads every file into Parquet, two at a time; each has its own range of row ids."""
    folder = loads.raw_folder(job.root, job.connection.name, stream.name)
    folder.mkdir(parents=True, exist_ok=True)
    row_base = loads.next_row_id(job.con)
    targets = []
    for number, reading in enumerate(readings, 1):
        target = Target(
            path=folder / f"{load_id if len(readings) == 1 else f'{load_id}-{number:04d}'}.reading",
            connection=job.connection,
            stream=stream,
            delimiter=str(job.connection.options.get("delimiter", job.system.delimiter)),
            load_id=load_id,
            source=reading.file.name,
            row_base=row_base,
            columns=reading.match.columns,
            extras=reading.match.extras,
        )
        targets.append(target)
        row_base += max(reading.facts.lines - header_lines(reading.file), 0)
    if len(readings) == 1:
        return (read(job.con, readings[0].file, readings[0].facts, targets[0]),)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return tuple(pool.map(lambda one: _read_one(job, *one), zip(readings, targets, strict=True)))


def _read_one(job: _Job, reading: _Reading, target: Target) -> Part:
    with job.con.cursor() as con:
        return read(con, reading.file, reading.facts, target)


def _drifted(job: _Job, stream: Stream, load_id: str, readings: list[_Reading]) -> list[str]:
    """Tells columns that appeared or are absent, each once in the life of a connection."""
    added = dict.fromkeys(column for reading in readings for column in reading.match.extras)
    absent = dict.fromkeys(column for reading in readings for column in reading.match.missing)
    told = []
    if new := loads.drift(job.con, job.connection, stream, "added", added, load_id):
        told.append(f"New columns, kept in _extra: {', '.join(new)}.")
    if gone := loads.drift(job.con, job.connection, stream, "missing", absent, load_id):
        told.append(f"Optional columns the export lacks: {', '.join(gone)}.")
    job.notes.extend(f"{stream.name}: {sentence}" for sentence in told)
    return told


def _remarks(parts: tuple[Part, ...], done: Done) -> list[str]:
    remarks = [done.note] if done.note else []
    if not sum(part.rows for part in parts):
        remarks.append(f"{parts[0].file.name} holds no rows.")
    if done.rejected:
        first = next(part for part in parts if part.rejects)
        reject = first.rejects[0]
        remarks.append(
            f"{done.rejected:,} broken lines are in quarantine, the first in {first.file.name} line {reject.line}: "
            f"{reject.reason}."
        )
    if done.quarantined:
        remarks.append(f"{done.quarantined:,} rows broke their contract and are in quarantine.")
    return remarks
