"""Reads one export file into one Parquet file, every column as the text it arrived in, and loses no line on the way.

The usual file is read in one parallel pass in file order; the position of a row then follows from its place in the
Parquet file, so no numbering runs over the scan. A file with broken lines goes through `ingest.rescue`, which sets the
broken lines aside with text and reason and gives every row the number of its line. At the end the lines must add up:
header + rows + rejected + blank + line breaks inside quotes = lines counted by `ingest.files`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts.errors import StreamStopped
from contracts.sql import literal, name
from ingest.files import Facts, SourceFile, blank_lines
from ingest.raw_file import write
from ingest.sql import one, row_hash
from ingest.system import Connection, Field, Stream

__all__ = [
    "META",
    "Part",
    "Reject",
    "Target",
    "csv_relation",
    "line_relation",
    "raw_select",
    "read_plain",
    "settle",
]

#: What every raw Parquet file holds beside the vendor's columns.
META: dict[str, str] = {
    "_extra": "varchar",
    "_connection": "varchar",
    "_load_id": "varchar",
    "_op": "varchar",
    "_source": "varchar",
    "_row_base": "bigint",
    "_first_line": "bigint",
    "_line": "bigint",
    "_row_hash": "ubigint",
}
#: A byte no export holds, so that a whole line reads as one value.
_NEVER = "\x01"
_LONGEST_OBJECT = 16 << 20


@dataclass(frozen=True)
class Target:
    """Where the rows of one file go, and what is stamped on each."""

    path: Path
    connection: Connection
    stream: Stream
    delimiter: str
    load_id: str
    source: str
    row_base: int
    #: Default field name -> column of this file; fields the file lacks are not in it.
    columns: Mapping[str, str]
    #: Columns of the file that no field declares.
    extras: tuple[str, ...] = ()

    @property
    def encoding(self) -> str:
        """How the text is encoded."""
        return str(self.connection.options.get("encoding", "utf-8"))


@dataclass(frozen=True)
class Reject:
    """A line that is no row: where it stands, what it says, why it cannot be read."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Part:
    """What reading one file gave."""

    file: SourceFile
    facts: Facts
    target: Target
    rows: int
    rejects: tuple[Reject, ...]
    #: Records of the file, header included: a record with line breaks in quotes is one, a blank line none.
    lines: int

    @property
    def header(self) -> int:
        """Lines at the top that are no records."""
        return header_lines(self.file)


def header_lines(file: SourceFile) -> int:
    """How many lines at the top of a file are no records."""
    return 1 if file.format == "csv" else 0


def read_plain(con: duckdb.DuckDBPyConnection, file: SourceFile, facts: Facts, target: Target) -> int:
    """Copies a file whose every line is a row; returns the rows. `duckdb.Error` when it is broken beyond its lines."""
    select = raw_select(target, first_line=header_lines(file) + 1)
    return write(con, f"select {select} from {_relation(file, facts, target)}", target.path)


def _relation(file: SourceFile, facts: Facts, target: Target) -> str:
    if file.format == "parquet":
        return f"read_parquet({literal(str(file.path))})"
    if file.format == "csv":
        return csv_relation(file.path, facts.columns, target, gzipped=file.compressed)
    types = ", ".join(
        f"{literal(column)}: 'VARCHAR'" for column in dict.fromkeys((*target.columns.values(), *target.extras))
    )
    return (
        f"read_json({literal(str(file.path))}, format = 'newline_delimited', records = true, columns = {{{types}}}, "
        f"compression = {_compression(file.compressed)})"
    )


def csv_relation(path: Path, columns: tuple[str, ...], target: Target, *, gzipped: bool = False) -> str:
    """A CSV file as text columns; what is no row goes to the table land_rejects."""
    types = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    return (
        f"read_csv({literal(str(path))}, auto_detect = false, header = true, delim = {literal(target.delimiter)}, "
        f"quote = '\"', escape = '\"', columns = {{{types}}}, null_padding = false, "
        f"compression = {_compression(gzipped)}, encoding = {literal(target.encoding)}, {_REJECTS})"
    )


def line_relation(file: SourceFile, encoding: str) -> str:
    """A text file as one column `line`."""
    return (
        f"read_csv({literal(str(file.path))}, auto_detect = false, header = false, delim = '{_NEVER}', quote = '', "
        f"escape = '', columns = {{'line': 'VARCHAR'}}, compression = {_compression(file.compressed)}, "
        f"max_line_size = {_LONGEST_OBJECT}, encoding = {literal(encoding)}, {_REJECTS})"
    )


_REJECTS = "store_rejects = true, rejects_table = 'land_rejects', rejects_scan = 'land_scans'"


def _compression(gzipped: bool) -> str:
    return "'gzip'" if gzipped else "'none'"


def raw_select(target: Target, *, first_line: int = 1, line: str = "null", column: str = "{}") -> str:
    """The select list that turns the columns of a file into raw columns; `column` wraps the name of a source column."""
    values = [_value(target, item, column) for item in target.stream.fields]
    extra = _extra(target, column)
    stamped = {
        "_extra": extra,
        "_connection": literal(target.connection.name),
        "_load_id": literal(target.load_id),
        "_op": "'I'",
        "_source": literal(target.source),
        "_row_base": str(target.row_base),
        "_first_line": str(first_line),
        "_line": line,
        "_row_hash": row_hash([*values, extra]),
    }
    fields = [f"{value} as {name(item.name)}" for value, item in zip(values, target.stream.fields, strict=True)]
    return ", ".join([*fields, *(f"cast({value} as {META[key]}) as {key}" for key, value in stamped.items())])


def _value(target: Target, item: Field, column: str) -> str:
    """A field as text under its default name; labels the firm renamed get their default spelling back."""
    if item.name not in target.columns:
        return "cast(null as varchar)"
    value = f"cast({column.format(name(target.columns[item.name]))} as varchar)"
    labels = target.stream.named_values
    if labels and labels.field == item.name:
        firm = {target.connection.fields.get(label, label): label for label in labels.names}
        renamed = {own: label for own, label in firm.items() if own != label}
        if renamed:
            cases = " ".join(f"when {literal(own)} then {literal(label)}" for own, label in sorted(renamed.items()))
            return f"case {value} {cases} else {value} end"
    return value


def _extra(target: Target, column: str) -> str:
    """The undeclared columns of a row as one JSON object, or null when all are empty."""
    if not target.extras:
        return "cast(null as varchar)"
    values = {key: f"cast({column.format(name(key))} as varchar)" for key in sorted(target.extras)}
    pairs = ", ".join(f"{literal(key)}, {value}" for key, value in values.items())
    present = " or ".join(f"{value} is not null" for value in values.values())
    return f"case when {present} then cast(json_object({pairs}) as varchar) end"


def settle(
    con: duckdb.DuckDBPyConnection,
    file: SourceFile,
    facts: Facts,
    target: Target,
    rows: int,
    rejects: tuple[Reject, ...] = (),
) -> Part:
    """States what reading gave, after the lines were added up; `StreamStopped` when some are missing."""
    lines = header_lines(file) + rows + len(rejects)
    spare = facts.lines - lines
    if spare and file.format != "parquet":
        spare -= _breaks_in_quotes(con, target) if file.format == "csv" else 0
        if 0 < spare <= blank_lines(file):
            spare = 0
    if spare:
        raise StreamStopped(
            f"{facts.lines} lines were counted, but {rows} rows, {len(rejects)} broken lines and {header_lines(file)} "
            f"header line account for {abs(spare)} {'fewer' if spare > 0 else 'more'}",
            where=file.name,
            then="Look for an unclosed quote, then export the file again. Nothing of it was landed.",
        )
    return Part(file, facts, target, rows, rejects, lines)


def _breaks_in_quotes(con: duckdb.DuckDBPyConnection, target: Target) -> int:
    """Line breaks inside quoted values of the rows read."""
    fields = [name(item.name) for item in target.stream.fields if item.name in target.columns]
    terms = [f"sum(length({field}) - length(replace({field}, chr(10), '')))" for field in fields]
    if target.extras:
        pattern = r"(^|[^\\])(\\\\)*\\n"
        terms.append(f"sum(length(regexp_extract_all(_extra, {literal(pattern)})))")
    total = " + ".join(f"coalesce({term}, 0)" for term in terms)
    found = one(con, f"select {total} from read_parquet({literal(str(target.path))})")
    return int(found[0]) if found else 0
