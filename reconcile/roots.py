"""Which breaks are the cause and which follow from it, so that the money of one mistake counts once.

A rule says whose consequence its breaks may be: (check, column) pairs. A break that shares the value of the column with
a break of that check may hang under it; ``mine=theirs`` where the two call it differently; the column ``records`` means
that they share a source record. Two mistakes can meet on one agreement, so that sharing it proves little. Among several
possible parents decides, in this order:

1. the same money: a cause that explains the break to the cent, in its currency;
2. the same source record: a cause that names a record which the break names too;
3. the order in which the rule lists its causes;
4. the most money, then the smallest id.

A rule whose breaks add up several mistakes (a balance, an account) names the records of a mistake only where the break
would be gone without it, and links by them; what is more than that stays a cause and is corrected by itself.
Parents are followed to the end; checks that name each other in a circle are ordered by their number, so that the
result is always a forest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from contracts.breaks import LIVE, among
from contracts.sql import by_column, from_lists
from reconcile.rule import Rule
from reconcile.schema import BREAK

__all__ = ["assign", "edges"]

#: Columns a link may name although `recon.breaks` calls them otherwise.
_ALIASES = {"entity_key": "entity_id"}
#: A link of a check: its cause, the column by which breaks of both meet, and its place among the links of the check.
_LINK = {"check_id": "varchar", "cause": "varchar", "link": "varchar", "place": "integer"}

#: The parent of each break, by the tests of the module's docstring. Records are compared only where parents compete.
_CHOSEN = """
with competing as (
  select break_id, parent_id, min(place) as place, max(money) as money, bool_or(is_equal) as is_equal
  from _possible group by break_id, parent_id
  qualify count(*) over (partition by break_id) > 1
),
named as (
  select c.break_id, c.parent_id, r.connection, r.object, r.record_id
  from competing as c join {records} as r on r.break_id = c.parent_id
),
together as (
  select distinct break_id, parent_id, true as is_shared
  from named semi join {records} as mine using (break_id, connection, object, record_id)
)
select break_id, parent_id
from competing left join together using (break_id, parent_id)
qualify row_number() over (partition by break_id order by is_equal desc, coalesce(is_shared, false) desc, place,
  money desc nulls last, parent_id) = 1
union all
select distinct break_id, parent_id from _possible where break_id not in (select break_id from competing)
"""


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
        _find_possible(con, breaks, records, links)
        con.execute(f"insert into _parents select break_id, parent_id from ({_CHOSEN.format(records=records)})")
        con.execute("drop table _possible")
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


def _find_possible(
    con: duckdb.DuckDBPyConnection, breaks: str, records: str, links: Sequence[tuple[str, str, str, int]]
) -> None:
    """`_possible`: every break with each cause that one of its check's links leads to.

    First the values by which breaks can meet, (link, break, value), then one join for all links: a join of its own for
    each link leaves the order to guesses, and tens of thousands of breaks of two checks are never to be paired freely.
    """
    con.execute(f"create or replace temp table _links as {from_lists(_LINK)}", by_column(links))
    columns = sorted({column for _, _, column, _ in links})
    ends = [_met(breaks, records, column, end) for column in columns for end in (0, 1)]
    con.execute(f"create or replace temp table _met as {' union all '.join(ends)}")
    equal = "coalesce(abs(c.variance) = abs(p.variance) and c.currency = p.currency and c.variance <> 0, false)"
    con.execute(
        "create or replace temp table _possible as with pairs as materialized ("
        "select distinct mine.break_id, theirs.break_id as parent_id, l.place from _met as mine "
        "join _links as l on l.link = mine.link and l.check_id = mine.check_id join _met as theirs "
        "on theirs.is_cause and theirs.link = mine.link and theirs.value = mine.value and theirs.check_id = l.cause "
        "where not mine.is_cause and mine.break_id <> theirs.break_id) "
        f"select break_id, parent_id, place, p.impact as money, {equal} as is_equal from pairs "
        f"join {breaks} as c using (break_id) join {breaks} as p on p.break_id = pairs.parent_id "
        "where p.status <> 'timing' or c.status = 'timing'"
    )
    con.execute("drop table _met")
    con.execute("drop table _links")


def _met(breaks: str, records: str, column: str, end: int) -> str:
    """The values of one link at one of its ends, 0 for the break and 1 for its cause, of the breaks that have links."""
    mine, _, theirs = column.partition("=")
    role = ("check_id", "cause")[end]
    head = f"select '{column}' as link, {bool(end)} as is_cause, b.check_id, b.break_id, "
    asked = f"b.check_id in (select {role} from _links where link = '{column}') and {among('b.status', LIVE)}"
    if column == "records":
        value = "concat_ws(chr(31), r.connection, r.object, r.record_id)"
        return (
            f"{head}{value} as value from {breaks} as b join {records} as r using (break_id) "
            f"where {asked} and r.connection is not null and r.object is not null and r.record_id is not null"
        )
    return f"{head}{_value('b', (theirs or mine) if end else mine)} as value from {breaks} as b where {asked}"


def _value(side: str, column: str) -> str:
    """A column of a break, or a name of its payload."""
    name = _ALIASES.get(column, column)
    return f"{side}.{name}" if name in BREAK else f"json_extract_string({side}.payload, '$.{column}')"
