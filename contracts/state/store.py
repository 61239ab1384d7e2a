"""Opens the state store, brings it up to date, and reads and writes it in sets.

SQLite in WAL mode by default, PostgreSQL for a team: the same tables, the same functions. A write transaction takes the
write lock when it begins, so two writers queue instead of failing half-way; readers never wait.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import polars as pl
from sqlalchemy import Boolean, Connection, Engine, Float, Integer, Select, Table, create_engine, event, inspect, select
from sqlalchemy import text as sql_text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from contracts.errors import TieoutError
from contracts.state.schema import REVISION

__all__ = [
    "State",
    "StateNewer",
    "StateUnreachable",
    "frame",
    "instant",
    "lock",
    "open_state",
    "rows",
    "to_json",
    "upgrade",
    "upsert",
]

#: Rows a statement; small enough for every driver, large enough to be set-based.
CHUNK = 5_000
#: Milliseconds a writer waits for another one.
BUSY_MS = 30_000

#: What to do where PostgreSQL cannot be reached for want of its driver.
_DRIVER = "Install it: pip install 'tieout[postgres]'. In tieout.yml `state` begins with postgresql+psycopg://."

_MIGRATIONS = Path(__file__).parent / "migrations"


class StateUnreachable(TieoutError):
    """The state store could not be opened."""

    def __init__(self, url: str, why: str, then: str = "Check `state` in tieout.yml.") -> None:
        super().__init__(f"The state store cannot be opened: {why}", where=url, then=then)


class StateNewer(TieoutError):
    """The state store was written by a newer version of Tieout."""

    def __init__(self, url: str, revision: str) -> None:
        super().__init__(
            f"The state store is at revision {revision}, newer than {REVISION} of this version",
            where=url,
            then="Install the newer version of Tieout; nothing was changed.",
        )


@dataclass(frozen=True)
class State:
    """An open state store. `begin` writes, `read` reads; both give a SQLAlchemy connection."""

    engine: Engine

    @property
    def url(self) -> str:
        """Where it is, without the password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, undone on an error."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; what it does is never written."""
        with self.engine.connect().execution_options(tieout_read=True) as connection:
            yield connection
            connection.rollback()

    def close(self) -> None:
        """Lets go of the file or the server."""
        self.engine.dispose()


def open_state(url: str) -> State:
    """The state store at a SQLAlchemy URL, created or upgraded as needed.

    ``sqlite:///.tieout/state.db`` (folders are made), ``sqlite://`` (in memory) or
    ``postgresql+psycopg://user@host/tieout``.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
    except ImportError as error:
        if parsed.get_backend_name() != "postgresql":
            raise StateUnreachable(_without_password(url), str(error)) from error
        raise StateUnreachable(_without_password(url), "the driver of PostgreSQL is not installed", _DRIVER) from error
    except (ArgumentError, OSError) as error:
        raise StateUnreachable(_without_password(url), str(error)) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    state = State(engine)
    try:
        upgrade(state)
    except OperationalError as error:
        raise StateUnreachable(state.url, str(error.orig)) from error
    return state


def upgrade(state: State) -> None:
    """Runs the migrations the store has not seen yet; a store that is up to date is left alone."""
    found = _revision(state)
    if found == REVISION:
        return
    if found is not None and found > REVISION:
        raise StateNewer(state.url, found)
    from alembic import command
    from alembic.config import Config

    with state.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, REVISION)


def lock(connection: Connection) -> None:
    """Keeps every other writer out until the transaction ends. SQLite does so by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql_text("lock table audit in exclusive mode"))


def upsert(connection: Connection, table: Table, records: Iterable[Mapping[str, Any]], *, update: bool = True) -> int:
    """Writes records by primary key: new ones are added, known ones replaced, or kept as they are with `update=False`.

    Columns a record leaves out are set to null. Returns the number of records given.
    """
    names = [column.name for column in table.columns]
    values = [{name: record.get(name) for name in names} for record in records]
    keys = [column.name for column in table.primary_key.columns]
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = cast(Any, insert)(table)
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    if update and rest:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=rest)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    for start in range(0, len(values), CHUNK):
        connection.execute(statement, values[start : start + CHUNK])
    return len(values)


def rows(connection: Connection, query: Table | Select[Any]) -> list[dict[str, Any]]:
    """The answer of a query, or a whole table, as dictionaries."""
    return [dict(row) for row in connection.execute(_select(query)).mappings()]


def frame(connection: Connection, query: Table | Select[Any]) -> pl.DataFrame:
    """The answer of a query, or a whole table, as a typed frame; typed also when it is empty."""
    query = _select(query)
    schema = {column.name: _polars_type(column.type) for column in query.selected_columns}
    answer: Sequence[Any] = connection.execute(query).fetchall()
    return pl.DataFrame([tuple(row) for row in answer], schema=schema, orient="row")


def instant(at: dt.datetime | dt.date) -> str:
    """An instant as it is stored: ISO 8601, UTC, whole seconds. Without zone it is UTC; a date is its midnight."""
    if not isinstance(at, dt.datetime):
        at = dt.datetime(at.year, at.month, at.day)
    if at.tzinfo is not None:
        at = at.astimezone(dt.UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_json(value: Any) -> str:
    """Canonical JSON: sorted keys, no blanks, money as text. Equal values give equal text."""
    return _JSON.encode(value)


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here; pass text, numbers, dates, lists or mappings.")


_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _select(query: Table | Select[Any]) -> Select[Any]:
    return select(query).order_by(*query.primary_key.columns) if isinstance(query, Table) else query


def _polars_type(kind: Any) -> type[pl.DataType]:
    types = ((Boolean, pl.Boolean), (Integer, pl.Int64), (Float, pl.Float64))
    return next((ours for theirs, ours in types if isinstance(kind, theirs)), pl.String)


def _revision(state: State) -> str | None:
    with state.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return cast("str | None", connection.scalar(sql_text("select version_num from alembic_version")))


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "(unreadable address)"


def _prepare_sqlite(engine: Engine) -> None:
    """WAL mode and explicit transactions: a writer takes its lock at once, a reader takes none."""

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_MS}", "synchronous=NORMAL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        reading = connection.get_execution_options().get("tieout_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
