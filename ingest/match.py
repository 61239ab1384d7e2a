"""Matches the columns of a file with the fields of its stream; says what is missing and where it may hide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from rapidfuzz import fuzz, process

from contracts.errors import ConfigError, StreamStopped
from ingest.files import FORMATS, Facts, SourceFile
from ingest.system import Connection, SourceSystem, Stream

__all__ = ["Match", "match_columns", "missing_fields", "nearest", "require_files"]

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: Names less alike than this are not offered as the one that was meant.
_ALIKE = 60


@dataclass(frozen=True)
class Match:
    """Which column holds which field."""

    #: Default field name -> column of the file.
    columns: Mapping[str, str]
    #: Columns no field declares, in file order.
    extras: tuple[str, ...]
    #: Optional fields the file lacks.
    missing: tuple[str, ...]


def nearest(wanted: str, known: tuple[str, ...]) -> str | None:
    """The known name most like the wanted one, or nothing that is alike."""
    plain = {name: name.lower().replace("_", "").removesuffix("c") for name in known}
    target = wanted.lower().replace("_", "").removesuffix("c")
    found = process.extractOne(target, plain, scorer=fuzz.WRatio, score_cutoff=_ALIKE)
    return str(found[2]) if found else None


def require_files(connection: Connection, system: SourceSystem) -> None:
    """Raise `ConfigError` where what the connection says of the files of streams cannot be meant."""
    where = f"tieout.yml: connections.{connection.name}.options.files"
    files = connection.options.get("files", {})
    if not isinstance(files, Mapping):
        raise ConfigError(
            f"{files!r} does not name files of streams", where=where, then="Write {stream: name of its files}."
        )
    known = tuple(stream.name for stream in system.streams)
    for name, stem in files.items():
        if name not in known:
            near = nearest(name, known)
            raise ConfigError(
                f"{system.title} has no stream {name!r}",
                where=where,
                then=f"Nearest: {near!r}." if near else f"It has: {', '.join(known)}.",
            )
        if PurePath(str(stem)).suffix.lower().lstrip(".") in (*FORMATS, "gz"):
            raise ConfigError(
                f"{stem!r} has an ending", where=where, then="Name the files without it; parts share a name."
            )


def missing_fields(connection: Connection, stream: Stream, columns: tuple[str, ...], *, required: bool) -> list[str]:
    """Fields whose column a file lacks, under the name the file should have used."""
    present = {column.lower() for column in columns}
    return [
        connection.column(stream, item)
        for item in stream.fields
        if item.required == required and connection.column(stream, item).lower() not in present
    ]


def match_columns(
    connection: Connection, system: SourceSystem, stream: Stream, file: SourceFile, facts: Facts
) -> Match:
    """Matches one file. Raises `StreamStopped` when a column the stream needs is not there."""
    wanted = {item.name: connection.column(stream, item) for item in stream.fields}
    if file.format == "jsonl" and not facts.lines:
        return Match(wanted, (), ())
    by_lower = {column.lower(): column for column in facts.columns}
    columns = {field: by_lower[column.lower()] for field, column in wanted.items() if column.lower() in by_lower}
    used = set(columns.values())
    extras = tuple(column for column in facts.columns if column not in used)
    if absent := missing_fields(connection, stream, facts.columns, required=True):
        raise StreamStopped(_what_is_missing(connection, system, stream, facts, absent, extras), where=file.name)
    missing = tuple(missing_fields(connection, stream, facts.columns, required=False))
    if file.format == "jsonl":
        columns = {**wanted, **columns}
    return Match(columns, extras, missing)


def _what_is_missing(
    connection: Connection,
    system: SourceSystem,
    stream: Stream,
    facts: Facts,
    absent: list[str],
    extras: tuple[str, ...],
) -> str:
    delimiter = str(connection.options.get("delimiter", system.delimiter))
    ours = _DELIMITERS.get(delimiter, repr(delimiter))
    header = facts.columns[0] if len(facts.columns) == 1 else ""
    for other, plural in _DELIMITERS.items():
        if other != delimiter and other in header:
            return (
                f"the header is separated by {plural}, not {ours}. Export it with {ours}, or set options: "
                f"{{delimiter: {other!r}}} on connection {connection.name}. The stream is stopped; the others go on."
            )
    custom = {connection.column(stream, item): item.name for item in stream.fields if item.custom}
    hints = []
    for column in absent:
        near = nearest(column, extras)
        hint = f"required column {column} is missing"
        if near:
            hint += f"; the nearest column of the file is {near}"
            if column in custom:
                hint += f" (if that is it: fields: {{{custom[column]}: {near}}} on connection {connection.name})"
        hints.append(hint)
    return "; ".join(hints) + ". Export the column under its own name. The stream is stopped; the others go on."
