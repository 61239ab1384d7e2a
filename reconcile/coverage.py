"""Which rules can be asked: absence is not evidence, so a rule whose stream is missing, stopped or stale does not run.
Neither does one that follows a policy which the firm does not state, or a field which none of its systems fills.

Its breaks are carried unchanged from the last run, and `recon.coverage` says why. A rule that runs although rows behind
it are set aside says of what it finds whether one of them may be the reason: nothing is corrected on that evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from contracts.landed import READ
from reconcile.context import Context, stored_columns
from reconcile.rule import Rule, Shape

__all__ = ["NOT_ASKED", "SETTING", "hidden_classes", "reasons", "set_aside"]

#: Why a rule did not run that this run was told to leave out: nothing is wrong then.
NOT_ASKED = "not asked for in this run"
#: In the place of a role: what is required is something that the project file decides.
SETTING = "tieout.yml"


def reasons(con: duckdb.DuckDBPyConnection, rules: Iterable[Rule], context: Context) -> dict[str, str]:
    """Per rule name that cannot run, why not."""
    states = _states(con, context)
    found: dict[str, str] = {}
    for rule in rules:
        missing = [_gap(con, requirement, context, states) for requirement in rule.requires]
        stated = [text for text in missing if text]
        if stated:
            found[rule.name] = "; ".join(dict.fromkeys(stated))
    return found


def set_aside(
    con: duckdb.DuckDBPyConnection, stored: Mapping[str, Mapping[str, str]]
) -> frozenset[tuple[str, str, bool]]:
    """Connection and stream of rows that no later export has answered, and whether their key could be read.

    A row that a person put away is one of them: that it never comes in does not make it absent.
    """
    if "quarantine.rows" not in stored:
        return frozenset()
    rows = con.execute(
        "select distinct connection, stream, row_id in (select row_id from quarantine.keys) from quarantine.rows "
        "where status in ('open', 'discarded')"
    ).fetchall()
    return frozenset((str(connection), str(stream), bool(has_key)) for connection, stream, has_key in rows)


def hidden_classes(rule: Rule, context: Context, left: str = "", right: str = "") -> tuple[str, ...]:
    """The classes of rows of a rule that may be there because a row behind them is set aside.

    A row is missing on one side only when that side (of role `left` or `right`) cannot be read whole. A total, a limit
    or a judgement may lack any row behind the rule, and so may the amount of a pair (`field`): it may be a sum. What
    two records say of themselves, and what is there twice, lacks none.
    """
    if rule.shape is Shape.DUPLICATE:
        return ()
    roles = dict.fromkeys(role for role, _ in rule.requires)
    if rule.shape.is_summed or rule.shape.is_one_sided:
        return ("total", "broken") if any(_hides(rule, role, context, with_key=True) for role in roles) else ()
    found = [name for name, role in (("missing", right), ("extra", left)) if _hides(rule, role, context)]
    if rule.shape is Shape.PAIR and any(_hides(rule, role, context) for role in roles):
        found.append("field")
    return tuple(found)


def _hides(rule: Rule, role: str, context: Context, *, with_key: bool = False) -> bool:
    """Whether a stream behind what the rule requires of a role has rows set aside that no claim stands for.

    `with_key` counts those too that stay among the claims as unreadable: what they are worth nobody knows.
    """
    wanted = {name.partition(".")[0] for of, name in rule.requires if of == role}
    return any(
        (feed.connection, feed.stream, has_key) in context.set_aside
        for feed in context.config.feeds
        if feed.role == role and feed.entity in wanted
        for has_key in ((False,) if feed.keeps_unreadable and not with_key else (False, True))
    )


def _states(con: duckdb.DuckDBPyConnection, context: Context) -> dict[tuple[str, str], str] | None:
    """The state of each stream, or None where the warehouse does not keep them."""
    if not stored_columns(con, "raw.streams", context.stored):
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
        if states.get((feed.connection, feed.stream), "missing") not in READ
    ]
    if not bad and column and not _is_stated(con, role, name, column):
        bad = [f"no {name.replace('_', ' ')} of {role} states {column.replace('_', ' ')}"]
    return ", ".join(dict.fromkeys(bad))


def _is_stated(con: duckdb.DuckDBPyConnection, role: str, entity: str, column: str) -> bool:
    """Whether any claim of the role says something in a column of an entity."""
    claims = f"select 1 from intermediate.int_{entity}__claims where role = ? and {column} is not null limit 1"
    return con.execute(claims, [role]).fetchone() is not None
