"""Which breaks are the cause and which follow from it, so that the money of one mistake counts once.

A rule says whose consequence its breaks may be: (check, column) pairs. A break that shares the value of the column with
a break of that check hangs under it; the column ``records`` means that they share a source record. The first pair that
finds a parent decides, among several parents the one with the most money, then the smallest id. Parents are followed
to the end; checks that name each other in a circle are ordered by their number, so that the result is always a forest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from contracts.breaks import LIVE, among
from reconcile.rule import Rule
from reconcile.schema import BREAK

__all__ = ["assign", "edges"]

#: Columns a link may name although `recon.breaks` calls them otherwise.
_ALIASES = {"entity_key": "entity_id"}


def edges(rules: Iterable[Rule]) -> list[tuple[str, str, str, int]]:
    """(check, cause, column, place) without the ones that would close a circle."""
    wanted = sorted(
        ((rule.check, cause, column, place) for rule in rules for place, (cause, column) in enumerate(rule.caused_by)),
        key=lambda edge: (edge[0], edge[3]),
    )
    kept: list[tuple[str, str, str, int]] = []
    for edge in wanted:
        if edge[0] != edge[1] and not _reaches(kept, edge[1], edge[0]):
            kept.append(edge)
    return kept


def _reaches(kept: Sequence[tuple[str, str, str, int]], start: str, goal: str) -> bool:
    """Whether `goal` is a cause of `start`, however far back."""
    seen, waiting = set[str](), [start]
    while waiting:
        check = waiting.pop()
        if check == goal:
            return True
        if check not in seen:
            seen.add(check)
            waiting += [cause for effect, cause, _, _ in kept if effect == check]
    return False


def assign(con: duckdb.DuckDBPyConnection, breaks: str, records: str, rules: Iterable[Rule]) -> None:
    """Set `root_id`, `is_root` and `correlation_id` in the table `breaks`; `records` has (break_id, record columns)."""
    links = edges(rules)
    con.execute("create or replace temp table _parents (break_id varchar, parent_id varchar)")
    if links:
        selects = [_shared(breaks, records, *edge) for edge in links]
        con.execute(
            "insert into _parents select break_id, parent_id from (select *, row_number() over (partition by break_id "
            f"order by place, money desc nulls last, parent_id) as best from ({' union all '.join(selects)})) "
            "where best = 1"
        )
    con.execute("create or replace temp table _roots as select break_id, parent_id as root_id from _parents")
    climb = (
        "create or replace temp table _roots as select r.break_id, coalesce(p.parent_id, r.root_id) as root_id "
        "from _roots as r left join _parents as p on p.break_id = r.root_id"
    )
    while con.execute("select count(*) from _roots as r join _parents as p on p.break_id = r.root_id").fetchone()[0]:  # type: ignore[index]
        con.execute(climb)
    con.execute(
        f"update {breaks} as b set root_id = coalesce(r.root_id, b.break_id), is_root = r.root_id is null, "
        f"correlation_id = coalesce(r.root_id, b.break_id) from {breaks} as x left join _roots as r using (break_id) "
        "where x.break_id = b.break_id"
    )
    con.execute("drop table _parents")
    con.execute("drop table _roots")


def _shared(breaks: str, records: str, check: str, cause: str, column: str, place: int) -> str:
    head = f"select distinct c.break_id, p.break_id as parent_id, {place} as place, p.impact as money from"
    due = "(p.status <> 'timing' or c.status = 'timing')"
    live = f"{among('c.status', LIVE)} and {among('p.status', LIVE)}"
    pair = f"c.check_id = '{check}' and p.check_id = '{cause}' and {live} and {due}"
    pair += " and c.break_id <> p.break_id"
    if column == "records":
        same = "cr.connection = pr.connection and cr.object = pr.object and cr.record_id = pr.record_id"
        return (
            f"{head} {breaks} as c join {records} as cr on cr.break_id = c.break_id join {records} as pr on {same} "
            f"join {breaks} as p on p.break_id = pr.break_id where {pair}"
        )
    name = _ALIASES.get(column, column)
    value = name if name in BREAK else f"json_extract_string({{0}}.payload, '$.{column}')"
    left, right = (value.format(side) if name not in BREAK else f"{side}.{name}" for side in ("c", "p"))
    return f"{head} {breaks} as c join {breaks} as p on {left} = {right} where {pair}"
