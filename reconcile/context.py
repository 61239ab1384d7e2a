"""What a run knows besides the claims: the day it speaks for, its currency, its connections and how far each has read.

Every value becomes a literal in the SQL of a rule, so that a compiled rule is complete and can be read by itself.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import duckdb

from contracts.sql import literal
from reconcile.rule import TOLERANCE_CLASSES, Rule, Tolerance

__all__ = ["Connection", "Context", "Feed", "RunConfig", "all_stored_columns", "columns_of", "stored_columns"]

_PARAMETER = re.compile(r"(?<![:\w]):(as_of|start_on|base_currency|now)\b")


@dataclass(frozen=True, slots=True)
class Connection:
    """A configured connection: its name, its system and the roles it plays."""

    name: str
    system: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A stream that an entity of a role is read from: what must be there for a rule that requires (role, entity).

    `keeps_unreadable`: a row of it that was set aside with its key stays among the claims of the entity, as unreadable.
    """

    role: str
    entity: str
    connection: str
    stream: str
    keeps_unreadable: bool = False


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What the project file says that reconciliation needs.

    `tolerances` overrides by check, then field ("" for the rule's own), with a bound or a class:
    ``{"K14": {"hours": "0.02"}, "K54": {"": "T2"}}``.
    `materiality` is in base currency: a break above it rises one step in severity. `accumulated_limit` is the fraction
    of a period's revenue that tolerated differences of one check may add up to before the check itself breaks.
    `assignees` says who gets a new break, by check or by queue; `settings` None: nobody asked.
    """

    base_currency: str
    start_on: dt.date | None = None
    tolerances: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    materiality: Decimal | None = None
    accumulated_limit: Decimal = Decimal("0.0002")
    holidays: tuple[dt.date, ...] = ()
    connections: tuple[Connection, ...] = ()
    feeds: tuple[Feed, ...] = ()
    assignees: Mapping[str, str] = field(default_factory=dict)
    #: What the project decides of what it need not, as rules ask for it under the role `coverage.SETTING`.
    settings: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Context:
    """A `RunConfig` for one `as_of`, with the watermarks and what is set aside, as read from the warehouse.

    `set_aside` has connection and stream of rows that nobody could read, and whether their key is known.
    """

    as_of: dt.date
    config: RunConfig
    watermarks: Mapping[str, dt.datetime] = field(default_factory=dict)
    set_aside: frozenset[tuple[str, str, bool]] = frozenset()
    run_id: str = ""
    #: What the models made, as `all_stored_columns` found it when the run began; a run changes none of it. None: nobody
    #: asked.
    stored: Mapping[str, Mapping[str, str]] | None = None

    @property
    def base_currency(self) -> str:
        """The currency in which breaks are added up."""
        return self.config.base_currency

    @property
    def start_on(self) -> dt.date | None:
        """The first day the firm answers for; a missing partner before it is history."""
        return self.config.start_on

    @cached_property
    def by_role(self) -> Mapping[str, tuple[str, ...]]:
        """The connections that play each role."""
        found: dict[str, list[str]] = {}
        for connection in self.config.connections:
            for role in connection.roles:
                found.setdefault(role, []).append(connection.name)
        return {role: tuple(sorted(names)) for role, names in found.items()}

    def watermark(self, roles: Iterable[str]) -> dt.datetime:
        """The instant up to which all connections of these roles have been read."""
        names = {name for role in roles for name in self.by_role.get(role, ())}
        known = [instant for name, instant in self.watermarks.items() if name in names or not names]
        end_of_day = dt.datetime.combine(self.as_of + dt.timedelta(days=1), dt.time())
        return min([*known, end_of_day]) if known else end_of_day

    def connection_of(self, role: str) -> str | None:
        """The connection of a role where there is one, else None: an absent record names no connection by itself."""
        names = self.by_role.get(role, ())
        return names[0] if len(names) == 1 else None

    def tolerance(self, rule: Rule, name: str, stated: Tolerance) -> Tolerance:
        """The tolerance of a field of a rule, as the project overrides it."""
        override = self.config.tolerances.get(rule.check, self.config.tolerances.get(rule.name, {})).get(name)
        if override is None:
            return stated
        return TOLERANCE_CLASSES.get(override) or Tolerance.absolute(str(Decimal(override)))

    def bind(self, sql: str, roles: Iterable[str] = ()) -> str:
        """`sql` with ``:as_of`` and the other parameters as literals."""
        roles = tuple(roles)

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            return literal(self.watermark(roles) if name == "now" else getattr(self, name))

        return _PARAMETER.sub(value, sql)


def columns_of(
    con: duckdb.DuckDBPyConnection, relation: str, stored: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """The columns of a relation or select with their types, in order. What `stored` knows is not planned again."""
    if stored is not None and relation in stored:
        return dict(stored[relation])
    rows = con.execute(
        f"describe {relation}" if _is_select(relation) else f"describe select * from {relation}"
    ).fetchall()
    return {str(row[0]).lower(): str(row[1]) for row in rows}


def all_stored_columns(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The columns of every table and view by ``schema.name``, but for those that a run writes itself.

    One question for all: each takes DuckDB as long as one for a single table.
    """
    rows = con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and not internal and schema_name <> 'recon' "
        "order by schema_name, table_name, column_index"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, name, kind in rows:
        found.setdefault(str(table), {})[str(name)] = str(kind)
    return found


def stored_columns(
    con: duckdb.DuckDBPyConnection, table: str, stored: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """The columns of a table or view named ``schema.name`` with their types; none where there is no such table.

    A table of the models that `stored` does not know is not there; where nobody asked for them, it is looked up.
    """
    if stored is not None:
        return dict(stored.get(table, {}))
    rows = con.execute(
        "select column_name, data_type from information_schema.columns where table_schema = ? and table_name = ? "
        "order by ordinal_position",
        table.split("."),
    ).fetchall()
    return {str(name): str(kind) for name, kind in rows}


def _is_select(relation: str) -> bool:
    return relation.lstrip().lower().startswith(("select", "with", "from"))
