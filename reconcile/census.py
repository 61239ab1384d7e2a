"""Which rows may differ at all: a census of keys and contents over both sides, before anything is read in full.

Each row becomes two hashes, of its key (64 bits) and of its content (55 bits: compared fields, amount, currency,
readability). A key that both sides have once, with the same content, is equal under every tolerance; all others are
suspects. One sum per key tells: each row adds `_ONE` and its content, taken from `_WHOLE` on the second side, so that
only one row of each side with equal contents adds up to two and the whole. Hashes never decide that something differs:
suspects are read in full and compared by value. The census is shared by all rules that compare the same two relations
by the same key, either way round; each adds its own filter and content.
"""

from __future__ import annotations

from collections.abc import Iterable
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

#: What the contents of a pair add up to when they are equal, and what each row adds besides.
_WHOLE, _ONE = 1 << 55, 1 << 58


@dataclass(frozen=True)
class Reduced:
    """The relations a rule reads instead of its own: only the rows that may differ."""

    left: str
    right: str


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

    @property
    def turned(self) -> bool:
        """Whether the census has the follower first."""
        left, right = self.scans
        return _identity(left) > _identity(right)

    def content(self, place: int) -> str:
        """The content hash over the columns of the reference (0) or the follower (1)."""
        scan = self.scans[place]
        values = [_common(self, item[place], number, scan) for number, item in enumerate(self.fields)]
        if self.both.has_other_amount:
            values.append(scan.amount)
        if self.both.guards_currency:
            values.append(scan.currency)
            lacking = self.both.lacks_currency(scan.currency, scan.amount, scan.sql)
            values.append(f"case when {lacking} then {place} end")  # never the same on both sides: always a suspect
        if any(side.has_book for side in self.scans):
            values.append(scan.book)
        values.append(scan.unreadable)
        hashed = f"cast(hash({', '.join(values)}) >> 9 as bigint)"
        marked = f"{_ONE + _WHOLE} - {hashed}" if place else f"{_ONE} + {hashed}"
        condition = scan.filter.removeprefix(" where ")
        return f"case when {condition} then {marked} end" if condition else marked


@dataclass
class _Group:
    """The members that share a census, and the two relations in a fixed order."""

    name: str
    members: list[Member] = field(default_factory=list)

    def scan(self, place: int) -> Scan:
        """A scan of the first (0) or second (1) relation."""
        first = self.members[0]
        return first.scans[place ^ first.turned]

    def used(self, place: int) -> list[str]:
        """The columns of a relation that any member reads."""
        found: set[str] = set()
        for member in self.members:
            scan = member.scans[place ^ member.turned]
            tree = sqlglot.parse_one(scan.rows(), read="duckdb")
            found |= {column.name.lower() for column in tree.find_all(exp.Column)}
        return [name for name in self.scan(place).known if name in found]


def share(
    con: duckdb.DuckDBPyConnection, members: Iterable[Member], at_least: int = WORTHWHILE
) -> dict[tuple[str, int], Reduced]:
    """Per rule name and follower, the relations to read instead; nothing where both are small."""
    groups: dict[tuple[str, ...], _Group] = {}
    for member in members:
        left, right = member.scans
        key = tuple(sorted((_identity(left), _identity(right))))
        groups.setdefault(key, _Group(f"_suspect_{len(groups)}")).members.append(member)
    sizes: dict[str, int] = {}
    found: dict[tuple[str, int], Reduced] = {}
    for group in groups.values():
        if max(_size(con, group.scan(place).source, sizes) for place in (0, 1)) < at_least:
            continue
        _reduce(con, group)
        for member in group.members:
            names = (f"{group.name}_a", f"{group.name}_b")
            found[member.rule.name, member.index] = Reduced(names[member.turned], names[1 - member.turned])
    return found


def drop(con: duckdb.DuckDBPyConnection, reduced: Iterable[Reduced]) -> None:
    """Give back the space of the relations that a census made."""
    for name in sorted({name for item in reduced for name in (item.left, item.right)}):
        kind = con.execute("select table_type from information_schema.tables where table_name = ?", [name]).fetchone()
        con.execute(f"drop {'view' if kind and kind[0] == 'VIEW' else 'table'} if exists {name}")
        con.execute(f"drop table if exists {name[:-2]}")


def _identity(scan: Scan) -> str:
    return f"{scan.relation} by {', '.join(scan.keys)}"


def _size(con: duckdb.DuckDBPyConnection, source: str, sizes: dict[str, int]) -> int:
    if source not in sizes:
        found = con.execute(f"select count(*) from {source} as t").fetchone()
        sizes[source] = int(found[0]) if found else 0
    return sizes[source]


def _reduce(con: duckdb.DuckDBPyConnection, group: _Group) -> None:
    """Find the keys that may differ for any member, and make their rows readable: for several as a table."""
    con.execute(f"create or replace temp table {group.name} as {_suspects(group)}")
    kind = "table" if len(group.members) > 1 else "view"
    for place, suffix in ((0, "a"), (1, "b")):
        scan = group.scan(place)
        columns = ", ".join(f"t.{name}" for name in group.used(place))
        con.execute(
            f"create or replace temp {kind} {group.name}_{suffix} as select {columns} from {scan.source} as t "
            f"where {_key_hash(scan)} in (select _kh from {group.name})"
        )


def _suspects(group: _Group) -> str:
    sides = []
    for place in (0, 1):
        contents = [member.content(place ^ member.turned) for member in group.members]
        listed = ", ".join(f"{text} as _c{number}" for number, text in enumerate(contents))
        scan = group.scan(place)
        sides.append(f"select {_key_hash(scan)} as _kh, {listed} from {scan.source} as t")
    tests = []
    for number in range(len(group.members)):
        once_each = f"coalesce(sum(_c{number}), 0) = {2 * _ONE + _WHOLE}"
        none = f" or sum(_c{number}) is null" if any(scan.filter for scan in group.members[number].scans) else ""
        tests.append(f"({once_each}{none})")
    return (
        f"select _kh from ({' union all '.join(sides)}) as s group by _kh having _kh = 0 or not ({' and '.join(tests)})"
    )


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
