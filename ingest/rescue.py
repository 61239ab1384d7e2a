"""Reads a file that has broken lines: every line that can be read lands, every other is set aside with its reason.

CSV: an unclosed quote makes the parser swallow the lines after it. The line with the quote is the broken one; the
swallowed lines are read again by themselves, until nothing is swallowed any more. JSON lines: each line is judged by
itself. Either way each row keeps the number of the line it came from.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.errors import StreamStopped
from contracts.sql import literal
from ingest.files import Facts, SourceFile
from ingest.raw_file import write
from ingest.read import Part, Reject, Target, csv_relation, line_relation, raw_select, read_plain, settle

__all__ = ["read"]

_REASONS = {
    "MISSING COLUMNS": "the line is cut short: it has fewer columns than the header",
    "TOO MANY COLUMNS": "the line has more columns than the header: a delimiter or quote too many",
    "UNQUOTED VALUE": "a quote is opened or closed in the wrong place, or the line is cut short inside one",
    "LINE SIZE OVER MAXIMUM": "the line is longer than any record: probably an unclosed quote",
    "INVALID ENCODING": "the line is not UTF-8. Export as UTF-8, or set options: {encoding: latin-1} on the connection",
}
#: So many times lines swallowed by one broken line may hold another broken line.
_ROUNDS = 50
#: Byte positions are looked up for so many lines; the rest says what is wrong without them.
_LOCATED = 200


@dataclass(frozen=True)
class _Broken:
    """A stretch of a CSV file the parser could not make a record of."""

    record: int
    offset: int
    kind: str
    text: str

    @property
    def pieces(self) -> list[str]:
        return self.text.split("\n")


def read(con: duckdb.DuckDBPyConnection, file: SourceFile, facts: Facts, target: Target) -> Part:
    """Writes `file` to ``target.path``; broken lines come back as rejects. `StreamStopped` when lines go missing."""
    _forget(con)
    try:
        rows = read_plain(con, file, facts, target)
    except duckdb.Error as error:
        if file.format == "jsonl":
            return _read_json_lines(con, file, facts, target)
        raise StreamStopped(_first_line(error), where=file.name, then="Export the file again.") from None
    broken = _broken(con) if file.format == "csv" else []
    if not broken:
        return settle(con, file, facts, target, rows)
    return _rescue_csv(con, file, facts, target, broken)


def _first_line(error: duckdb.Error) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"cannot be read: {lines[0].removeprefix('Invalid Input Error: ')}"


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("drop table if exists land_rejects; drop table if exists land_scans")


def _broken(con: duckdb.DuckDBPyConnection) -> list[_Broken]:
    """The broken stretches of the last CSV read, one per record, in file order."""
    found = con.execute(
        "select line, min(line_byte_position), min_by(cast(error_type as varchar), column_idx), any_value(csv_line) "
        "from land_rejects group by line order by line"
    ).fetchall()
    return [
        _Broken(line, offset, kind, (text or "").strip("\r\n").replace("\r", "")) for line, offset, kind, text in found
    ]


def _rescue_csv(
    con: duckdb.DuckDBPyConnection, file: SourceFile, facts: Facts, target: Target, broken: list[_Broken]
) -> Part:
    rejects: list[Reject] = []
    swallowed: list[tuple[int, str]] = []
    shifts: list[tuple[int, int]] = []
    moved = 0
    for order, item in enumerate(broken):
        line = item.record + moved
        rejects.append(Reject(line, item.pieces[0], _reason(item, file, order)))
        swallowed += [(line + at, piece) for at, piece in enumerate(item.pieces[1:], 1)]
        moved += len(item.pieces) - 1
        shifts.append((item.record - 2 - order, moved + order + 1))
    with tempfile.TemporaryDirectory() as scratch:
        rescued, more = _read_swallowed(con, facts, target, swallowed, Path(scratch))
        rows = _assemble(con, target, shifts, rescued)
    rejects = sorted((*rejects, *more), key=lambda reject: reject.line)
    return settle(con, file, facts, target, rows, tuple(rejects))


def _reason(item: _Broken, file: SourceFile, order: int) -> str:
    reason = _REASONS.get(item.kind, item.kind.lower())
    if item.kind != "INVALID ENCODING" or file.compressed or order >= _LOCATED:
        return reason
    with file.path.open("rb") as raw:
        raw.seek(max(item.offset - 1, 0))
        line = raw.readline().rstrip(b"\r\n")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = line[error.start]
        shown = bytes([byte]).decode("cp1252", errors="replace")
        return f"byte {item.offset + error.start} of the file is 0x{byte:02X} ({shown!r} in Windows-1252): {reason}"
    return reason


def _read_swallowed(
    con: duckdb.DuckDBPyConnection, facts: Facts, target: Target, swallowed: list[tuple[int, str]], scratch: Path
) -> tuple[list[tuple[Path, list[int]]], list[Reject]]:
    """Reads lines by themselves; returns Parquet files with the line of each row, and the lines that are no rows."""
    parts: list[tuple[Path, list[int]]] = []
    rejects: list[Reject] = []
    for turn in range(_ROUNDS):
        swallowed = [piece for piece in swallowed if piece[1].strip()]
        if not swallowed:
            break
        source, out = scratch / f"{turn}.csv", scratch / f"{turn}.parquet"
        header = target.delimiter.join(f'"{column}"' for column in facts.columns)
        source.write_text("\n".join([header, *(text for _, text in swallowed)]) + "\n", encoding=target.encoding)
        _forget(con)
        write(con, f"select {raw_select(target)} from {csv_relation(source, facts.columns, target)}", out)
        bad: dict[int, _Broken] = {}
        moved = 0
        for item in _broken(con):
            bad[item.record - 2 + moved] = item
            moved += len(item.pieces) - 1
        again: list[tuple[int, str]] = []
        gone: set[int] = set()
        for at, item in bad.items():
            rejects.append(Reject(swallowed[at][0], item.pieces[0], _REASONS.get(item.kind, item.kind.lower())))
            again += swallowed[at + 1 : at + len(item.pieces)]
            gone.update(range(at, at + len(item.pieces)))
        parts.append((out, [line for at, (line, _) in enumerate(swallowed) if at not in gone]))
        swallowed = again
    rejects += [Reject(line, text, _REASONS["UNQUOTED VALUE"]) for line, text in swallowed if text.strip()]
    return parts, rejects


def _assemble(
    con: duckdb.DuckDBPyConnection, target: Target, shifts: list[tuple[int, int]], rescued: list[tuple[Path, list[int]]]
) -> int:
    """Puts read and rescued rows in file order under ``target.path``, each with its line."""
    staged = target.path.with_suffix(".whole")
    target.path.rename(staged)
    _register(con, "land_shifts", start=[start for start, _ in shifts], moved=[moved for _, moved in shifts])
    queries = [
        "select s.* exclude (_line, file_row_number), "
        "s.file_row_number + s._first_line + coalesce(m.moved, 0) as _line "
        f"from read_parquet({literal(str(staged))}, file_row_number = true) s "
        "asof left join land_shifts m on s.file_row_number >= m.start"
    ]
    for at, (path, lines) in enumerate(rescued):
        _register(con, f"land_lines_{at}", place=list(range(len(lines))), line=lines)
        queries.append(
            f"select s.* exclude (_line, file_row_number), l.line as _line from read_parquet({literal(str(path))}, "
            f"file_row_number = true) s join land_lines_{at} l on s.file_row_number = l.place"
        )
    rows = write(con, " union all by name ".join(queries) + " order by _line", target.path)
    staged.unlink()
    return rows


def _register(con: duckdb.DuckDBPyConnection, table: str, **columns: list[int]) -> None:
    con.register(table, pa.table({key: pa.array(values, pa.int64()) for key, values in columns.items()}))


def _read_json_lines(con: duckdb.DuckDBPyConnection, file: SourceFile, facts: Facts, target: Target) -> Part:
    """Judges each line of a JSON lines file by itself."""
    _forget(con)
    con.execute("drop table if exists land_text")
    con.execute(
        "create temp table land_text as select *, line is not null and trim(line) <> '' and json_valid(line) "
        "and json_type(case when json_valid(line) then line end) = 'OBJECT' as good "
        f"from (select row_number() over () as place, line from {line_relation(file, target.encoding)})"
    )
    unreadable = _broken(con)
    columns = (*target.columns.values(), *target.extras)
    shape = json.dumps(dict.fromkeys(columns, "VARCHAR"))
    _register(
        con,
        "land_shifts",
        start=[item.record - 1 - order for order, item in enumerate(unreadable)],
        moved=[order + 1 for order in range(len(unreadable))],
    )
    placed = (
        "select t.line, t.good, t.place + coalesce(m.moved, 0) as place from land_text t "
        "asof left join land_shifts m on t.place - 1 >= m.start"
    )
    rows = write(
        con,
        f"select {raw_select(target, line='place', column='j.{}')} from "
        f"(select place, json_transform(line, {literal(shape)}) as j from ({placed}) where good) order by place",
        target.path,
    )
    bad = con.execute(
        f"select place, line from ({placed}) where not good and trim(coalesce(line, '')) <> '' order by place"
    ).fetchall()
    con.execute("drop table land_text")
    rejects = [Reject(at, line, "the line is no complete JSON object: cut short or damaged") for at, line in bad]
    rejects += [
        Reject(item.record, item.pieces[0], _reason(item, file, order)) for order, item in enumerate(unreadable)
    ]
    return settle(con, file, facts, target, rows, tuple(sorted(rejects, key=lambda reject: reject.line)))
