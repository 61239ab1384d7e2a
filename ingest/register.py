"""Enters a load in the books: final file names, one transaction, quarantine, views.

Files are renamed first and entered second. A landing killed in between leaves files no book knows; the next one removes
them and does the work again, with the same result.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple, dataclass, replace
from decimal import Decimal
from pathlib import Path

import duckdb

from contracts.sql import literal, name
from ingest import loads
from ingest.files import fingerprint
from ingest.judge import key_text
from ingest.quarantine import UNANSWERED, set_aside, set_aside_lines
from ingest.raw_file import write
from ingest.read import META, Part
from ingest.sql import one
from ingest.system import Connection, SourceSystem, Stream

__all__ = ["Done", "Kept", "MoneyProof", "Staged", "register"]

_SCRATCH = ("known", "incoming", "repeated", "new", "gone", "unreadable", "violations", "rejects", "scans")


@dataclass(frozen=True)
class Staged:
    """A load as read: its parts lie as Parquet under passing names."""

    system: SourceSystem
    connection: Connection
    stream: Stream
    root: Path
    kind: str
    load_id: str
    content: str
    shape: str
    zone: str
    extracted_at: dt.datetime | None
    parts: tuple[Part, ...]

    @property
    def where(self) -> str:
        """Connection and stream as messages show them."""
        return f"{self.connection.name} {self.stream.name}"

    @property
    def folder(self) -> Path:
        """Where the Parquet of the stream lies."""
        return loads.raw_folder(self.root, self.connection.name, self.stream.name)


@dataclass(frozen=True)
class Kept:
    """A part after unchanged rows were left out."""

    part: Part
    path: Path
    row_base: int
    rows: int

    @property
    def row_end(self) -> int:
        """The last row id the part takes: broken lines have the ids after its rows."""
        return self.row_base + self.rows + len(self.part.rejects) - 1


@dataclass(frozen=True)
class Done:
    """What a load came to."""

    rows_new: int
    rows_unchanged: int
    rows_deleted: int
    rejected: int
    quarantined: int
    lines: int
    note: str = ""


@dataclass(frozen=True)
class MoneyProof:
    """The sums of one money field over a load."""

    field: str
    read: Decimal
    landed: Decimal
    quarantined: Decimal
    unchanged: Decimal

    @property
    def holds(self) -> bool:
        """Nothing was lost and nothing appeared."""
        return self.read == self.landed + self.quarantined + self.unchanged


def register(
    con: duckdb.DuckDBPyConnection,
    staged: Staged,
    kept: list[Kept],
    done: Done,
    reject_keys: list[str | None],
    money: list[MoneyProof],
) -> None:
    """Renames the files and enters the load in one transaction."""
    cursor = _cursor(con, staged)
    landed_at = staged.extracted_at or cursor
    moment = literal(landed_at.isoformat(sep=" ")) if landed_at else "null"
    final = [replace(item, path=item.path.rename(item.part.target.path.with_suffix(".parquet"))) for item in kept]
    deletions = _write_deletions(con, staged, final) if done.rows_deleted else None
    relation = loads.parquet_relation(item.path for item in final)
    con.execute("begin")
    try:
        _enter(con, staged, final, deletions, done, cursor, landed_at, money)
        if done.quarantined:
            set_aside(con, relation, staged.system, staged.stream, moment)
        keys = iter(reject_keys)
        for item in final:
            rejects = [
                (item.row_base + item.rows + at, reject, next(keys)) for at, reject in enumerate(item.part.rejects)
            ]
            where = (staged.connection, staged.system, staged.stream, staged.load_id, item.part.file.name)
            set_aside_lines(con, where, rejects, moment)
        _close_superseded(con, staged, relation)
        loads.create_views(con, staged.system, [staged.stream], staged.root)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("; ".join(f"drop table if exists land_{table}" for table in _SCRATCH))


def _cursor(con: duckdb.DuckDBPyConnection, staged: Staged) -> dt.datetime | None:
    """The latest change the export holds, UTC."""
    if not staged.stream.cursor:
        return None
    column = name(staged.stream.cursor)
    instant = "timestamptz" if staged.system.clock == "offset" else "timestamp"
    listed = ", ".join(literal(str(part.target.path)) for part in staged.parts)
    found = one(
        con,
        f"select epoch_us(max(try_cast({column} as {instant}))) from read_parquet([{listed}], union_by_name = true)",
    )
    if not found or found[0] is None:
        return None
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(found[0]))
    return moment if staged.system.clock == "offset" else loads.to_utc(moment, staged.zone)


def _write_deletions(con: duckdb.DuckDBPyConnection, staged: Staged, final: list[Kept]) -> tuple[Path, int, int]:
    """Writes one row per record that is gone: its key and `_op` = D. Returns file, first row id, rows."""
    path = staged.folder / f"{staged.load_id}-deleted.parquet"
    row_base = max(item.row_end for item in final) + 1
    stamped = {
        **dict.fromkeys(META, "null"),
        "_connection": literal(staged.connection.name),
        "_load_id": literal(staged.load_id),
        "_op": "'D'",
        "_row_base": str(row_base),
        "_first_line": "0",
    }
    fields = [
        f"{name(item.name) if item.name in staged.stream.key else 'cast(null as varchar)'} as {name(item.name)}"
        for item in staged.stream.fields
    ]
    meta = [f"cast({value} as {META[key]}) as {key}" for key, value in stamped.items()]
    query = f"select {', '.join([*fields, *meta])} from land_gone order by identity"
    return path, row_base, write(con, query, path)


def _enter(
    con: duckdb.DuckDBPyConnection,
    staged: Staged,
    final: list[Kept],
    deletions: tuple[Path, int, int] | None,
    done: Done,
    cursor: dt.datetime | None,
    landed_at: dt.datetime | None,
    money: list[MoneyProof],
) -> None:
    sequence, engine = con.execute("select coalesce(max(sequence), 0) + 1, version() from raw.loads").fetchall()[0]
    first, facts = final[0].part, [item.part.facts for item in final]
    several = f" .. {final[-1].part.file.name} ({len(final)} files)" if len(final) > 1 else ""
    shas = [fact.sha256 for fact in facts]
    row = loads.LoadRow(
        load_id=staged.load_id,
        connection=staged.connection.name,
        stream=staged.stream.name,
        kind=staged.kind,
        source=first.file.name + several,
        sha256=shas[0] if len(shas) == 1 else fingerprint(tuple(shas)),
        bytes=sum(fact.bytes for fact in facts),
        lines=done.lines,
        header_fingerprint=fingerprint(first.facts.columns),
        rows_new=done.rows_new,
        rows_unchanged=done.rows_unchanged,
        rows_deleted=done.rows_deleted,
        rejected=done.rejected + done.quarantined,
        cursor=cursor.isoformat(sep=" ") if cursor else None,
        engine_version=str(engine),
        landed_at=landed_at,
        system=staged.system.name,
        headers=sum(item.part.header for item in final),
        sequence=int(sequence),
        content=staged.content,
    )
    loads.insert(con, "raw.loads", row)
    for item in final:
        loads.insert(con, "raw.files", _file(staged, item))
    if deletions:
        path, row_base, rows = deletions
        blank = loads.FileRow(
            *(staged.load_id, row.connection, row.stream, row.system, None, None, 0, 0, None, staged.shape),
            parquet=_relative(staged, path),
            row_base=row_base,
            row_end=row_base + rows - 1,
        )
        loads.insert(con, "raw.files", blank)
    for proof in money:
        con.execute("insert into raw.load_money values (?, ?, ?, ?, ?, ?)", [staged.load_id, *astuple(proof)])


def _file(staged: Staged, item: Kept) -> loads.FileRow:
    facts = item.part.facts
    return loads.FileRow(
        load_id=staged.load_id,
        connection=staged.connection.name,
        stream=staged.stream.name,
        system=staged.system.name,
        source=item.part.file.name,
        sha256=facts.sha256,
        bytes=facts.bytes,
        lines=item.part.lines,
        header_fingerprint=fingerprint(facts.columns),
        shape=staged.shape,
        parquet=_relative(staged, item.path),
        row_base=item.row_base,
        row_end=item.row_end,
    )


def _relative(staged: Staged, path: Path) -> str:
    return path.relative_to(staged.root).as_posix()


def _close_superseded(con: duckdb.DuckDBPyConnection, staged: Staged, relation: str) -> None:
    """Closes rows of earlier loads that this export has answered: the record came again, or is gone."""
    mine = [staged.connection.name, staged.stream.name, staged.load_id]
    older = "connection = ? and stream = ? and load_id <> ?"
    if not one(con, f"select 1 from quarantine.rows where {UNANSWERED} and {older} limit 1", mine):
        return
    answered = (
        f"select {key_text(staged.stream)} as key from {relation} union "
        f"select key from quarantine.keys where connection = {literal(mine[0])} and stream = {literal(mine[1])} "
        f"and load_id = {literal(mine[2])} union select identity from land_gone"
    )
    closed = f"row_id in (select row_id from quarantine.keys where {older} and key in ({answered}))"
    parameters = [*mine]
    if staged.kind == "full":
        keyless = "row_id not in (select row_id from quarantine.keys)"
        still = _still_keyless(con, staged)
        closed = f"({closed} or ({keyless} and row_id not in ({still})))"
    con.execute(
        f"update quarantine.rows set status = 'answered' where {UNANSWERED} and {older} and {closed}",
        mine + parameters,
    )
    con.execute(
        f"delete from quarantine.keys where {older} and row_id in "
        f"(select row_id from quarantine.rows where not {UNANSWERED})",
        mine,
    )


def _still_keyless(con: duckdb.DuckDBPyConnection, staged: Staged) -> str:
    """Rows without a key that this export still holds unchanged, as a query of row ids."""
    files = con.execute(
        f"select distinct parquet from raw.files join quarantine.rows q using (load_id) where {UNANSWERED} "
        "and q.connection = ? and q.stream = ? and q.load_id <> ? and raw.files.source is not null order by all",
        [staged.connection.name, staged.stream.name, staged.load_id],
    ).fetchall()
    relation = loads.parquet_relation(staged.root / path for (path,) in files)
    return (
        f"select r._row_id from {relation} r join land_incoming i on i.identity = '#' || cast(r._row_hash as varchar) "
        f"where {key_text(staged.stream)} is null"
    )
