"""The second step of a plan: rows of two sides side by side, one counterpart each.

A key that is empty never matches. Keys that stand on a side more than once are set aside by a census and paired
best-first: rows with equal content first, then the pair with the most equal fields, ties by content and record, never
by the order of a file. What remains of such a key is a repeat, exact or conflicting.

Where the relations are large, a census over hashes of key and content comes first: rows that are equal on both sides
are equal under any tolerance, and only the others are read in full. Rules over the same pair of relations share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from reconcile.scan import Scan

__all__ = ["Alignment", "align"]

#: A key with more possible pairs than this is paired in the order of its content: a stated limit of work.
MOST_PAIRS = 4096


@dataclass(frozen=True)
class Alignment:
    """Names of the temporary tables of one reference and follower, and the select that puts them side by side."""

    name: str
    left: Scan
    right: Scan
    #: Per compared field: its folded expression over the reference's and over the follower's columns.
    fields: tuple[tuple[str, str], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The key columns. What names no book is in the primary one; a book is compared with itself only."""
        with_book = self.left.has_book or self.right.has_book
        return (*(f"_k{index}" for index in range(len(self.left.keys))), *(("_book",) if with_book else ()))

    def same(self, left: str, right: str) -> str:
        """The join condition of two aliases. Sums meet within a currency, what has no key as one sum of its own."""
        if self.left.rule.shape.is_summed:
            return " and ".join(f"{left}.{key} is not distinct from {right}.{key}" for key in (*self.keys, "_currency"))
        return " and ".join(f"{left}.{key} = {right}.{key}" for key in self.keys)


def align(con: duckdb.DuckDBPyConnection, work: Alignment) -> str:
    """Read both sides into temporary tables and give back the select of aligned rows."""
    for scan, suffix in ((work.left, "r"), (work.right, "o")):
        con.execute(
            f"create or replace temp table {work.name}_{suffix} as select *, true as _there from ({scan.select()})"
        )
    if work.left.rule.shape.is_summed or not _census(con, work):
        return _joined(work, "r", "o")
    _number(con, work)
    _pair(con, work)
    return f"{_joined(work, 'ru', 'ou')} union all {_paired(work)} union all {_left_over(work)}"


def _census(con: duckdb.DuckDBPyConnection, work: Alignment) -> bool:
    """Collect the keys that stand on a side more than once; whether there are any."""
    keys = ", ".join(work.keys)
    there = " and ".join(f"{key} is not null" for key in work.keys)
    each = [
        f"select {keys} from {work.name}_{side} where {there} group by {keys} having count(*) > 1"
        for side in ("r", "o")
    ]
    con.execute(f"create or replace temp table {work.name}_d as {' union '.join(each)}")
    return bool(con.execute(f"select count(*) from {work.name}_d").fetchone()[0])  # type: ignore[index]


def _number(con: duckdb.DuckDBPyConnection, work: Alignment) -> None:
    """Part rows with a repeated key from the others, and number them within key and within equal content."""
    keys = ", ".join(work.keys)
    for place, side in enumerate(("r", "o")):
        table = f"{work.name}_{side}"
        match = " and ".join(f"t.{key} = d.{key}" for key in work.keys)
        found = f"exists (select 1 from {work.name}_d as d where {match})"
        content = _content([pair[place] for pair in work.fields])
        order = "_content, _connection, _object, _source_id, _row_id"
        con.execute(f"create or replace temp view {table}u as select * from {table} as t where not {found}")
        con.execute(
            f"create or replace temp table {table}d as "
            f"select *, row_number() over (partition by {keys} order by {order}) as _ord, "
            f"row_number() over (partition by {keys}, _content order by {order}) as _copy, "
            f"count(*) over (partition by {keys}, _content) as _copies, count(*) over (partition by {keys}) as _rows "
            f"from (select *, {content} as _content from {table} as t where {found})"
        )


def _content(fields: Sequence[str]) -> str:
    values = [*fields, "_amount", "_currency"]
    texts = ", ".join(f"coalesce(cast({value} as varchar), chr(1))" for value in values)
    return f"md5(concat_ws(chr(2), {texts}))"


def _pair(con: duckdb.DuckDBPyConnection, work: Alignment) -> None:
    """Pair repeated keys: equal content, then the best remaining pair of each key, until none is left."""
    keys, name = ", ".join(work.keys), work.name
    same = " and ".join(f"l.{key} = r.{key}" for key in work.keys)
    mine = ", ".join(f"l.{key}" for key in work.keys)
    con.execute(
        f"create or replace temp table {name}_p as select {mine}, l._ord as _left, r._ord as _right "
        f"from {name}_rd as l join {name}_od as r on {same} and l._content = r._content and l._copy = r._copy"
    )
    con.execute(
        f"insert into {name}_p with rest_l as ({_rest(work, 'r')}), rest_r as ({_rest(work, 'o')}), "
        f"l as (select *, row_number() over (partition by {keys} order by _ord) as _place from rest_l), "
        f"r as (select *, row_number() over (partition by {keys} order by _ord) as _place from rest_r) "
        f"select {mine}, l._ord, r._ord from l join r on {same} and l._place = r._place "
        f"where l._rows * r._rows > {MOST_PAIRS}"
    )
    names = [*(f"_f{place}" for place in range(len(work.fields))), "_amount", "_currency"]
    score = " + ".join(f"case when l.{name} is not distinct from r.{name} then 1 else 0 end" for name in names)
    scored = (
        f"select {mine}, l._ord as _left, r._ord as _right, {score} as _score from ({_scoreable(work, 'r', 0)}) as l "
        f"join ({_scoreable(work, 'o', 1)}) as r on {same}"
    )
    best = (
        f"insert into {name}_p select {keys}, _left, _right from (select *, "
        f"row_number() over (partition by {keys}, _left order by _score desc, _right) as _a, "
        f"row_number() over (partition by {keys}, _right order by _score desc, _left) as _b from ({scored})) "
        "where _a = 1 and _b = 1"
    )
    while con.execute(best).fetchone()[0]:  # type: ignore[index]
        pass


def _scoreable(work: Alignment, side: str, place: int) -> str:
    fields = ", ".join(f"{pair[place]} as _f{number}" for number, pair in enumerate(work.fields))
    keys = ", ".join(work.keys)
    return (
        f"select {', '.join(filter(None, [keys, '_ord', '_amount', '_currency', fields]))} from ({_rest(work, side)})"
    )


def _rest(work: Alignment, side: str) -> str:
    """Rows of a repeated key that have no counterpart yet."""
    match = " and ".join(f"t.{key} = p.{key}" for key in work.keys)
    ordinal = "_left" if side == "r" else "_right"
    taken = f"exists (select 1 from {work.name}_p as p where {match} and p.{ordinal} = t._ord)"
    return f"select * from {work.name}_{side}d as t where not {taken}"


def _columns(scan: Scan, alias: str, prefix: str, *, there: bool = True) -> str:
    names = (*scan.names, "_there")
    if there:
        return ", ".join(f"{alias}.{name} as {prefix}{name}" for name in names)
    return ", ".join(f"null as {prefix}{name}" for name in names)


def _joined(work: Alignment, left: str, right: str) -> str:
    both = f"{_columns(work.left, 'l', 'r_')}, {_columns(work.right, 'r', 'o_')}"
    return (
        f"select {both}, cast(null as varchar) as _repeat from {work.name}_{left} as l "
        f"full outer join {work.name}_{right} as r on {work.same('l', 'r')}"
    )


def _paired(work: Alignment) -> str:
    both = f"{_columns(work.left, 'l', 'r_')}, {_columns(work.right, 'r', 'o_')}"
    left = " and ".join(f"l.{key} = p.{key}" for key in work.keys)
    right = " and ".join(f"r.{key} = p.{key}" for key in work.keys)
    return (
        f"select {both}, null as _repeat from {work.name}_p as p "
        f"join {work.name}_rd as l on {left} and l._ord = p._left "
        f"join {work.name}_od as r on {right} and r._ord = p._right"
    )


def _left_over(work: Alignment) -> str:
    """Repeats without a counterpart. Where the other side has none at all, the first of them is simply alone there."""
    keys = ", ".join(work.keys)
    selects = []
    for side, other in (("r", "o"), ("o", "r")):
        match = " and ".join(f"t.{key} = x.{key}" for key in work.keys)
        alone = f"not exists (select 1 from {work.name}_{other}d as x where {match})"
        repeat = (
            f"case when row_number() over (partition by {keys} order by _ord) = 1 and {alone} then null "
            "when _copies > 1 then 'exact' else 'conflicting' end"
        )
        rows = f"(select *, {repeat} as _kind from ({_rest(work, side)}) as t)"
        mine = _columns(work.left if side == "r" else work.right, "t", f"{side}_")
        none = _columns(work.right if side == "r" else work.left, "t", f"{other}_", there=False)
        columns = f"{mine}, {none}" if side == "r" else f"{none}, {mine}"
        selects.append(f"select {columns}, t._kind as _repeat from {rows} as t")
    return " union all ".join(selects)
