"""Turns what was read into a load: judges it, keeps what is new, proves that nothing was lost, and writes the books.

Everything up to the last step touches only files under passing names and temporary tables; the last step is one
transaction (`ingest.register`). The two laws are checked on independent counts: lines of the file against rows,
rejects and unchanged rows, and for each money field the sum read against the sums landed, quarantined and unchanged.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb

from contracts.errors import ConservationError, StreamStopped
from contracts.sql import literal, name
from ingest import loads
from ingest.judge import judge, key_text, no_violations, retyped
from ingest.raw_file import write
from ingest.read import Part, Reject
from ingest.register import Done, Kept, MoneyProof, Staged, register
from ingest.sql import one, row_hash
from ingest.system import Stream

__all__ = ["commit"]

#: A full export in which more than this share of the known records is gone is taken for a cut one.
_SHRINK = 0.2
_DEFECT = "Nothing of this load was kept. Land again with verify; if it repeats, it is a defect: keep the file."


def commit(con: duckdb.DuckDBPyConnection, staged: Staged) -> Done:
    """Makes a load of what was read. Raises `StreamStopped` for a retyped column or a cut export."""
    try:
        return _commit(con, staged)
    finally:
        for part in staged.parts:
            part.target.path.unlink(missing_ok=True)


def _commit(con: duckdb.DuckDBPyConnection, staged: Staged) -> Done:
    history = con.execute(
        "select parquet from raw.files where connection = ? and stream = ? order by row_base",
        [staged.connection.name, staged.stream.name],
    ).fetchall()
    read_relation = _placed([(part.target.path, part.target.row_base) for part in staged.parts])
    keys = [_reject_key(staged.stream, part, reject) for part in staged.parts for reject in part.rejects]
    if history:
        _known(con, staged, [staged.root / path for (path,) in history])
        _incoming(con, staged, read_relation)
        kept = _keep_new(con, staged)
    else:
        kept = [Kept(part, part.target.path, part.target.row_base, part.rows) for part in staged.parts]
    relation = loads.parquet_relation(item.path for item in kept)
    bad = (
        judge(con, relation, staged.system, staged.connection, staged.stream)
        if any(k.rows for k in kept)
        else no_violations(con)
    )
    if bad and (trouble := retyped(con, sum(item.rows for item in kept), staged.stream)):
        raise StreamStopped(trouble, where=staged.parts[0].file.name, then="The stream is stopped; the others go on.")
    gone, note = _gone(con, staged, keys) if history else (0, "")
    unchanged = sum(part.rows for part in staged.parts) - sum(item.rows for item in kept)
    money = _prove_money(con, staged, read_relation, relation, history=bool(history), aside=bool(bad))
    done = Done(
        rows_new=sum(item.rows for item in kept) - bad,
        rows_unchanged=unchanged,
        rows_deleted=gone,
        rejected=len(keys),
        quarantined=bad,
        lines=sum(part.lines for part in staged.parts),
        note=note,
    )
    _prove_rows(con, staged, done, read_relation, relation)
    register(con, staged, kept, done, keys, money)
    return done


def _placed(paths: list[tuple[Path, int]]) -> str:
    """Raw Parquet as it was read, with the place of each row."""
    listed = ", ".join(literal(str(path)) for path, _ in paths)
    return f"(select * from read_parquet([{listed}], file_row_number = true, union_by_name = true))"


# --- what is known, what is new, what is gone ---------------------------------------------------------------------


def _identity(stream: Stream) -> str:
    """The key of a row; a row without one is identified by its content."""
    return f"coalesce({key_text(stream)}, '#' || cast(_row_hash as varchar))"


def _known(con: duckdb.DuckDBPyConnection, staged: Staged, paths: list[Path]) -> None:
    """The latest version of every record landed before: table land_known (identity, hash, key columns)."""
    listed = ", ".join(literal(str(path)) for path in paths)
    keys = [name(key) for key in staged.stream.key]
    rehash = one(
        con,
        "select bool_and(engine_version = version()) from raw.loads where connection = ? and stream = ?",
        [staged.connection.name, staged.stream.name],
    )
    columns = [name(item.name) for item in staged.stream.fields] + ["_extra"]
    hash_ = "_row_hash" if rehash and rehash[0] else row_hash(columns)
    con.execute(
        f"create or replace temp table land_known as with history as (select {_identity(staged.stream)} as identity, "
        f"{hash_} as hash, {', '.join(keys)}, _op, l.sequence from read_parquet([{listed}], union_by_name = true) p "
        "join raw.loads l on l.load_id = p._load_id), latest as (select identity, max(sequence) as sequence "
        f"from history group by identity) select h.identity, h.hash, {', '.join(f'h.{key}' for key in keys)} "
        "from history h join latest using (identity, sequence) where h._op = 'I'"
    )


def _incoming(con: duckdb.DuckDBPyConnection, staged: Staged, relation: str) -> None:
    """Which incoming rows are new: table land_new (row_base, place).

    A record that repeats a different number of times than before is new as a whole.
    """
    con.execute(
        f"create or replace temp table land_incoming as select {_identity(staged.stream)} as identity, "
        f"_row_hash as hash, _row_base as row_base, file_row_number as place from {relation}"
    )
    con.execute(
        "create or replace temp table land_repeated as select identity from ("
        "select identity, count(*) as times from land_known group by identity having count(*) > 1) k "
        "full join (select identity, count(*) as times from land_incoming group by identity having count(*) > 1) i "
        "using (identity) where k.times is distinct from i.times"
    )
    con.execute(
        "create or replace temp table land_new as select row_base, place from land_incoming i "
        "where identity in (from land_repeated) "
        "or not exists (select 1 from land_known k where k.identity = i.identity and k.hash = i.hash)"
    )


def _keep_new(con: duckdb.DuckDBPyConnection, staged: Staged) -> list[Kept]:
    """Writes only the new rows of each part, with the line each came from."""
    kept = []
    row_base = loads.next_row_id(con)
    for part in staged.parts:
        path = part.target.path.with_suffix(".keeping")
        rows = write(
            con,
            f"select p.* exclude (file_row_number) replace (cast({row_base} as bigint) as _row_base, "
            "coalesce(p._line, p._first_line + p.file_row_number) as _line) from "
            f"read_parquet({literal(str(part.target.path))}, file_row_number = true) p join land_new n "
            "on n.row_base = p._row_base and n.place = p.file_row_number order by p.file_row_number",
            path,
        )
        kept.append(Kept(part, path, row_base, rows))
        row_base += rows + len(part.rejects)
    return kept


def _gone(con: duckdb.DuckDBPyConnection, staged: Staged, reject_keys: list[str | None]) -> tuple[int, str]:
    """Records a full export no longer holds: table land_gone. Returns how many, and why none where none can be told."""
    con.execute(
        "create or replace temp table land_gone as select distinct k.* exclude (hash) from land_known k where false"
    )
    if staged.kind != "full":
        return 0, ""
    if any(key is None for key in reject_keys):
        return 0, "Some lines could not be read, so nothing was taken for deleted."
    con.execute(
        "create or replace temp table land_unreadable as select unnest(cast(? as varchar[])) as identity", [reject_keys]
    )
    con.execute(
        "insert into land_gone select distinct k.* exclude (hash) from land_known k where k.identity not like '#%' "
        "and not exists (select 1 from land_incoming i where i.identity = k.identity) "
        "and not exists (select 1 from land_unreadable u where u.identity = k.identity)"
    )
    gone, known = con.execute(
        "select (select count(*) from land_gone), (select count(distinct identity) from land_known)"
    ).fetchall()[0]
    may_shrink = staged.stream.name in staged.connection.options.get("may_shrink", ())
    if gone > known * _SHRINK and not may_shrink:
        raise StreamStopped(
            f"{gone:,} of {known:,} known records are not in this full export (more than {_SHRINK:.0%})",
            where=staged.parts[0].file.name,
            then="If it is cut, export it again. If they are gone, set options: "
            f"{{may_shrink: [{staged.stream.name}]}} on connection {staged.connection.name}. "
            'If it holds only changes, say so in _manifest.json: {"kind": "delta"}.',
        )
    return gone, ""


def _reject_key(stream: Stream, part: Part, reject: Reject) -> str | None:
    """The key of a broken line, where it can still be read whole."""
    values = []
    columns = [column.lower() for column in part.facts.columns]
    cells = [cell.strip().strip('"') for cell in reject.text.split(part.target.delimiter)]
    for key in stream.key:
        column = part.target.columns.get(key, key)
        if part.file.format == "jsonl":
            found = re.search(rf'"{re.escape(column)}"\s*:\s*(?:"([^"]+)"|(\d+)\s*[,}}])', reject.text)
            values.append((found[1] or found[2]) if found else "")
        else:
            at = columns.index(column.lower()) if column.lower() in columns else len(cells)
            values.append(cells[at] if at + 1 < len(cells) else "")
    return "|".join(values) if all(values) else None


# --- the laws -----------------------------------------------------------------------------------------------------


def _prove_rows(
    con: duckdb.DuckDBPyConnection, staged: Staged, done: Done, read_relation: str, kept_relation: str
) -> None:
    """Lines read = headers + landed + rejected + unchanged, each counted in its own place."""
    good = " where _row_id not in (select row_id from land_violations)" if done.quarantined else ""
    read, landed = con.execute(
        f"select (select count(*) from {read_relation} r), (select count(*) from {kept_relation} k{good})"
    ).fetchall()[0]
    headers = sum(part.header for part in staged.parts)
    parts = headers + landed + done.rejected + done.quarantined + done.rows_unchanged
    if done.lines != parts or read != landed + done.quarantined + done.rows_unchanged:
        raise ConservationError(
            f"{done.lines:,} lines were read, but {headers} headers, {landed:,} rows landed, "
            f"{done.rejected:,} broken lines, {done.quarantined:,} quarantined rows and {done.rows_unchanged:,} "
            f"unchanged ones make {parts:,}",
            where=staged.where,
            then=_DEFECT,
        )


def _prove_money(
    con: duckdb.DuckDBPyConnection,
    staged: Staged,
    read_relation: str,
    kept_relation: str,
    *,
    history: bool,
    aside: bool,
) -> list[MoneyProof]:
    """Per money field: sum read = landed + quarantined + unchanged.

    Nothing is unchanged where there was no load before (`history`), nothing quarantined where no row broke its contract
    (`aside`).
    """
    fields = [item.name for item in staged.stream.money]
    if not fields:
        return []
    sums = ", ".join(f"coalesce(sum(try_cast({name(field)} as decimal(38, 4))), 0)" for field in fields)
    bad = "_row_id in (select row_id from land_violations)"
    unchanged = "not exists (select 1 from land_new n where n.row_base = r._row_base and n.place = r.file_row_number)"
    nothing = (Decimal(),) * len(fields)
    totals = [
        one(con, f"select {sums} from {read_relation} r") or (),
        one(con, f"select {sums} from {kept_relation} r" + (f" where not {bad}" if aside else "")) or (),
        (one(con, f"select {sums} from {kept_relation} r where {bad}") or ()) if aside else nothing,
        (one(con, f"select {sums} from {read_relation} r where {unchanged}") or ()) if history else nothing,
    ]
    proofs = [MoneyProof(field, *(total[at] for total in totals)) for at, field in enumerate(fields)]
    for proof in proofs:
        if not proof.holds:
            raise ConservationError(
                f"{proof.field} adds up to {proof.read} in the export, but {proof.landed} landed, "
                f"{proof.quarantined} in quarantine and {proof.unchanged} unchanged",
                where=staged.where,
                then=_DEFECT,
            )
    return proofs
