"""Which rows may differ at all: a census of keys and contents over both sides, before anything is read in full.

Each row becomes two hashes, of its key and of its content (compared fields, amount, currency, readability). Those of
the second side are kept, without the keys that stand there more than once; the rows of the first side pass by, and one
that meets its key, with the same content, is equal under every tolerance. All others are suspects: their rows stay, and
those of the second side are read by their keys. Whether a key of the first side stands twice among the rows that passed
shows in the numbers: then more rows passed than keys were met. Hashes of 64 bits never decide that something differs:
suspects are compared by value. The census is shared by all rules that compare the same two relations by the same key,
either way round; each adds its own filter and content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import duckdb
import sqlglot
from sqlglot import exp

from reconcile.classify import Aligned
from reconcile.rule import Rule
from reconcile.scan import Scan

__all__ = ["Member", "Reduced", "drop", "share"]

#: Below this many rows both sides are read in full; the census would cost more than it saves.
WORTHWHILE = 50_000


@dataclass(frozen=True)
class Reduced:
    """What a rule reads: relations of the rows that may differ, of the `kind` that a census made, or its own."""

    both: Aligned
    left: str
    right: str
    kind: str = ""


@dataclass(frozen=True)
class Member:
    """One rule and follower that takes part, with its scans and how its fields read."""

    rule: Rule
    index: int
    both: Aligned
    fields: tuple[tuple[str, str], ...]

    @property
    def scans(self) -> tuple[Scan, Scan]:
        """Reference and follower."""
        return self.both.left, self.both.right

    def content(self, place: int) -> str:
        """The content hash over the columns of the reference (0) or the follower (1)."""
        scan = self.scans[place]
        values = [_common(self, item[place], number, scan) for number, item in enumerate(self.fields)]
        never = [scan.unreadable]  # what is never the same on both sides, so that its row is always a suspect
        if self.both.has_other_amount:
            values.append(scan.amount)
        if self.both.guards_currency:
            values.append(scan.currency)
            never.append(self.both.lacks_currency(scan.currency, scan.amount, scan.sql))
        if any(side.has_book for side in self.scans):
            values.append(scan.book)
        values.append(f"case when {' or '.join(never)} then {place} end")
        hashed = f"hash({', '.join(values)})"
        condition = scan.filter.removeprefix(" where ")
        return f"case when {condition} then {hashed} end" if condition else hashed


@dataclass
class _Group:
    """The members that share a census, and the two relations as the first of them has them."""

    name: str
    members: list[Member] = field(default_factory=list)

    def place(self, member: Member, place: int) -> int:
        """Where a member has the first (0) or second (1) relation."""
        own, first = (_identity(item.scans[0]) for item in (member, self.members[0]))
        return place if own == first else 1 - place

    def scan(self, place: int) -> Scan:
        """A scan of the first (0) or second (1) relation."""
        return self.members[0].scans[place]

    def used(self, place: int) -> list[str]:
        """The columns of a relation that any member reads."""
        found: set[str] = set()
        for member in self.members:
            tree = sqlglot.parse_one(member.scans[self.place(member, place)].rows(), read="duckdb")
            found |= {column.name.lower() for column in tree.find_all(exp.Column)}
        return [name for name in self.scan(place).known if name in found]

    def rows(self, place: int) -> str:
        """The rows of a relation that count for any member, as they stand after ``from``."""
        filters = [member.scans[self.place(member, place)].filter.removeprefix(" where ") for member in self.members]
        condition = f" where {' or '.join(dict.fromkeys(filters))}" if all(filters) else ""
        return f"{self.scan(place).source} as t{condition}"

    def contents(self, place: int) -> list[str]:
        """The content of a row for each member, NULL where it does not count for one."""
        return [member.content(self.place(member, place)) for member in self.members]


def share(
    con: duckdb.DuckDBPyConnection, members: Iterable[Member], at_least: int = WORTHWHILE
) -> dict[tuple[str, int], Reduced]:
    """Per rule name and follower, the relations to read instead; its own where both are small."""
    members = list(members)
    groups: dict[tuple[str, ...], _Group] = {}
    for member in members:
        left, right = member.scans
        key = tuple(sorted((_identity(left), _identity(right))))
        groups.setdefault(key, _Group(f"_suspect_{len(groups)}")).members.append(member)
    sizes: dict[str, int] = {}
    found = {
        (member.rule.name, member.index): Reduced(member.both, member.scans[0].relation, member.scans[1].relation)
        for member in members
    }
    for group in groups.values():
        if max(_size(con, group.scan(place).source, sizes) for place in (0, 1)) < at_least:
            continue
        kind = _reduce(con, group)
        for member in group.members:
            first, second = (f"{group.name}_{'ab'[group.place(member, place)]}" for place in (0, 1))
            found[member.rule.name, member.index] = Reduced(member.both, first, second, kind)
    return found


def drop(con: duckdb.DuckDBPyConnection, reduced: Iterable[Reduced]) -> None:
    """Give back the space of the relations that a census made."""
    for name, kind in sorted({(name, item.kind) for item in reduced for name in (item.left, item.right) if item.kind}):
        con.execute(f"drop {kind} if exists {name}")
        con.execute(f"drop table if exists {name[:-2]}")


def _identity(scan: Scan) -> str:
    return f"{scan.relation} by {', '.join(scan.keys)}"


def _size(con: duckdb.DuckDBPyConnection, source: str, sizes: dict[str, int]) -> int:
    if source not in sizes:
        found = con.execute(f"select count(*) from {source} as t").fetchone()
        sizes[source] = int(found[0]) if found else 0
    return sizes[source]


def _reduce(con: duckdb.DuckDBPyConnection, group: _Group) -> str:
    """Find the keys that may differ for any member, and make their rows readable; for several as a table."""
    met, repeated = f"{group.name}_met", f"{group.name}_repeated"
    con.execute(f"create or replace temp table {met} as {_hashed(group, 1, [])}")
    con.execute(f"create or replace temp table {repeated} as {_repeated(f'select _kh from {met}')}")
    con.execute(f"delete from {met} where _kh in (select _kh from {repeated})")
    con.execute(f"create or replace temp table {group.name} as {_suspects(group, met)}")
    con.execute(f"insert into {group.name} (_key) select _kh from {repeated}")
    kind = "table" if len(group.members) > 1 else "view"
    rows = f"select {', '.join(group.used(0))} from {group.name} where _there"
    if _is_ambiguous(con, group, met):
        keys = f"select {_key_hash(group.scan(0))} as _kh from {group.rows(0)}"
        con.execute(f"insert into {group.name} (_key) {_repeated(keys)}")
        rows = _by_key(group, 0)
    for name in (met, repeated):
        con.execute(f"drop table {name}")
    con.execute(f"create or replace temp {kind} {group.name}_a as {rows}")
    con.execute(f"create or replace temp {kind} {group.name}_b as {_by_key(group, 1)}")
    return kind


def _repeated(keys: str) -> str:
    """The select of key hashes that stand more than once: few share even their first half, and halves sort quickly."""
    return (
        f"with keys as materialized ({keys}), halves as (select cast(_kh >> 32 as uinteger) as half from keys), "
        "sorted as (select half, lag(half) over (order by half) as before from halves) "
        "select _kh from keys where _kh >> 32 in (select half from sorted where half = before) "
        "group by _kh having count(*) > 1"
    )


def _by_key(group: _Group, place: int) -> str:
    """The rows of a relation whose key is suspect, read afresh."""
    scan = group.scan(place)
    columns = ", ".join(f"t.{name}" for name in group.used(place))
    return f"select {columns} from {scan.source} as t where {_key_hash(scan)} in (select _key from {group.name})"


def _suspects(group: _Group, met: str) -> str:
    """The select of suspects: rows of the first relation, and keys that only the second one has.

    `_met` is whether the key stands in `met`, the hashes of the second relation.
    """
    columns = group.used(0)
    first = _hashed(group, 0, [*(f"t.{name}" for name in columns), "true as _there"])
    same = " and ".join(f"a._c{number} is not distinct from b._c{number}" for number in range(len(group.members)))
    return (
        f"select {', '.join(f'a.{name}' for name in (*columns, '_there'))}, coalesce(a._kh, b._kh) as _key, "
        f"b._kh is not null as _met from ({first}) as a full outer join {met} as b on a._kh = b._kh "
        f"where a._kh = 0 or (a._kh = b._kh and {same}) is not true"
    )


def _hashed(group: _Group, place: int, columns: Sequence[str]) -> str:
    """The select of a relation's rows as hashes, beside columns of theirs."""
    contents = [f"{text} as _c{number}" for number, text in enumerate(group.contents(place))]
    listed = ", ".join([*columns, f"{_key_hash(group.scan(place))} as _kh", *contents])
    return f"select {listed} from {group.rows(place)}"


def _is_ambiguous(con: duckdb.DuckDBPyConnection, group: _Group, met: str) -> bool:
    """Whether more rows of the first relation passed than keys of the second one were met."""
    passed = " - ".join(
        f"((select count(*) from {rows}) - (select count({taken}) from {group.name} where {which}))"
        for rows, taken, which in ((group.rows(0), "*", "_there"), (met, "distinct _key", "_met"))
    )
    found = con.execute(f"select {passed}").fetchone()
    return bool(found and found[0])


def _key_hash(scan: Scan) -> str:
    """The hash of a key; rows without one share a value and are always read."""
    missing = " or ".join(f"{key} is null" for key in scan.keys)
    return f"case when {missing} then 0 else hash({', '.join(scan.keys)}) end"


def _common(member: Member, text: str, number: int, scan: Scan) -> str:
    """A compared field as an expression over the side, in a type both sides have."""
    item = member.rule.compare[number]
    expression = scan.sql(text)
    left, right = (member.both.kinds[f"{prefix}{item.name}"] for prefix in ("r_", "o_"))
    if left == right:
        return expression
    return f"cast({expression} as {_WIDE.get(member.both.kind(item), 'varchar')})"


_WIDE = {"number": "decimal(38,8)", "text": "varchar", "date": "date", "timestamp": "timestamp", "boolean": "boolean"}
