"""Which rules can be asked: absence is not evidence, so a rule whose stream is missing, stopped or stale does not run.
Neither does one that follows a policy which the firm does not state, or a field which none of its systems fills.

Its breaks are carried unchanged from the last run, and `recon.coverage` says why.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from reconcile.context import Context
from reconcile.rule import Rule

__all__ = ["SETTING", "reasons"]

#: In the place of a role: what is required is something that the project file decides.
SETTING = "tieout.yml"

#: What `raw.streams` may say of a stream that a rule can rely on.
GOOD = frozenset({"landed", "unchanged"})


def reasons(con: duckdb.DuckDBPyConnection, rules: Iterable[Rule], context: Context) -> dict[str, str]:
    """Per rule name that cannot run, why not."""
    states = _states(con)
    found: dict[str, str] = {}
    for rule in rules:
        missing = [_gap(con, requirement, context, states) for requirement in rule.requires]
        stated = [text for text in missing if text]
        if stated:
            found[rule.name] = "; ".join(dict.fromkeys(stated))
    return found


def _states(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str] | None:
    """The state of each stream, or None where the warehouse does not keep them."""
    there = con.execute(
        "select count(*) from information_schema.tables where table_schema = 'raw' and table_name = 'streams'"
    ).fetchone()
    if not there or not there[0]:
        return None
    rows = con.execute("select connection, stream, status from raw.streams order by all").fetchall()
    return {(str(connection), str(stream)): str(status) for connection, stream, status in rows}


def _gap(
    con: duckdb.DuckDBPyConnection,
    requirement: tuple[str, str],
    context: Context,
    states: dict[tuple[str, str], str] | None,
) -> str:
    """What keeps a requirement from being met, or empty text; ``agreement.cap_amount`` asks that a claim states it."""
    role, named = requirement
    name, _, column = named.partition(".")
    if role == SETTING:
        known = context.config.settings
        return "" if known is None or name in known else f"{SETTING} states no {name}"
    feeds = context.config.feeds
    if not feeds or states is None:
        return ""
    wanted = [feed for feed in feeds if feed.role == role and name in (feed.entity, feed.stream)]
    if not wanted:
        return f"no connection supplies {name.replace('_', ' ')} of {role}"
    bad = [
        f"{feed.connection}/{feed.stream} is {states.get((feed.connection, feed.stream), 'missing')}"
        for feed in wanted
        if states.get((feed.connection, feed.stream), "missing") not in GOOD
    ]
    if not bad and column and not _is_stated(con, role, name, column):
        bad = [f"no {name.replace('_', ' ')} of {role} states {column.replace('_', ' ')}"]
    return ", ".join(dict.fromkeys(bad))


def _is_stated(con: duckdb.DuckDBPyConnection, role: str, entity: str, column: str) -> bool:
    """Whether any claim of the role says something in a column of an entity."""
    claims = f"select 1 from intermediate.int_{entity}__claims where role = ? and {column} is not null limit 1"
    return con.execute(claims, [role]).fetchone() is not None
