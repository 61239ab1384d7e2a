"""Brings a project to the rules: what is configured, which streams feed which entity, and what people decided."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from contracts.errors import ConfigError

if TYPE_CHECKING:
    from app.project import Project
    from contracts.state import State
    from reconcile.context import RunConfig
    from reconcile.rule import Rule
    from reconcile.run import Run

__all__ = ["all_rules", "config", "known_checks", "reconcile"]

_STAGING = Path(__file__).resolve().parent.parent / "models" / "staging"
_REF = re.compile(r"ref\('(\w+)'\)")
_SOURCE = re.compile(r"(?:current_rows|source)\('(\w+)',\s*'(\w+)'")
_KEPT = re.compile(r"\bstream='(\w+)'")


def all_rules(project: Project) -> list[Rule]:
    """Our rules, and those a firm keeps in `rules_path`, in the order of their checks."""
    from reconcile.library import rules_of

    return list(rules_of(project.rules_path))


def config(project: Project) -> RunConfig:
    """What reconciliation needs to know of a project."""
    from reconcile.context import Connection, RunConfig

    connections = tuple(
        Connection(name, one.system, tuple(str(role) for role in project.roles(name)))
        for name, one in sorted(project.connections.items())
    )
    holidays = {day for calendar in project.calendars.values() for day in calendar.holidays}
    return RunConfig(
        base_currency=project.base_currency,
        start_on=project.start_on,
        tolerances=_tolerances(project),
        materiality=project.materiality.performance,
        holidays=tuple(sorted(holidays)),
        connections=connections,
        feeds=tuple(_feeds(connections)),
        assignees=dict(project.routing),
        settings=project.settings(),
    )


def known_checks(project: Project, names: Sequence[str]) -> tuple[str, ...]:
    """The checks that are meant, by their ids or the names of their rules in any case; an unknown one is refused."""
    if not names:
        return ()
    known = {name.lower(): rule.check for rule in all_rules(project) for name in (rule.name, rule.check)}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        raise ConfigError(f"There is no check {unknown[0]}", where="--check", then="See `tieout list rules`.")
    return tuple(known[name.lower()] for name in names)


def reconcile(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    state: State,
    *,
    as_of: dt.date,
    run_id: str,
    previous: str | None,
    checks: tuple[str, ...] = (),
) -> Run:
    """Run the rules of a project over its warehouse. A proof that fails is reported, not raised.

    `previous` is the schema `recon` of the last published run; `checks`, as `known_checks` gives them, limits the run.
    """
    from app.links import fill_links
    from contracts.state import frame, schema
    from reconcile.run import run

    rules = all_rules(project)
    with state.read() as connection:
        decided = {
            "acceptances": frame(connection, schema.acceptances),
            "assignments": frame(connection, schema.assignments),
        }
    for name, rows in decided.items():
        con.register("_given", rows.to_arrow())
        con.execute(f"create or replace temp table _given_{name} as select * from _given")
        con.unregister("_given")
    done = run(
        con,
        rules,
        run_id=run_id,
        as_of=as_of,
        config=config(project),
        previous=previous,
        strict=False,
        decisions={name: f"_given_{name}" for name in decided},
        checks=set(checks) or None,
    )
    fill_links(con, project)
    return done


def _tolerances(project: Project) -> dict[str, dict[str, str]]:
    """``{"K14.hours": 0.02, "K09": "T1"}`` -> by check, then field."""
    found: dict[str, dict[str, str]] = {}
    for name, value in project.tolerances.items():
        check, _, field = name.partition(".")
        found.setdefault(check, {})[field] = str(value)
    return found


def _feeds(connections: tuple[Any, ...]) -> Iterator[Any]:
    """The streams behind each entity a connection claims, read from the models' own references."""
    from reconcile.context import Feed

    for connection in connections:
        for entity, streams in _lineage(connection.system).items():
            kept = _kept(connection.system, entity)
            for role in connection.roles:
                for stream in streams:
                    yield Feed(role, entity, connection.name, stream, stream == kept)
        for stream in sorted({stream for streams in _lineage(connection.system).values() for stream in streams}):
            for role in connection.roles:
                yield Feed(role, stream, connection.name, stream)


@cache
def _lineage(system: str) -> dict[str, tuple[str, ...]]:
    """Entity -> streams, for every claims model of a system."""
    folder = _STAGING / system
    found = {}
    for path in sorted(folder.glob(f"{system}__*_claims.sql")):
        entity = path.stem.removeprefix(f"{system}__").removesuffix("_claims")
        found[entity] = tuple(sorted(_streams(folder, path.stem)))
    return found


def _kept(system: str, entity: str) -> str:
    """The stream whose rows stay among the claims of an entity when they are set aside with their key."""
    found = _KEPT.search((_STAGING / system / f"{system}__{entity}_claims.sql").read_text("utf-8"))
    return found.group(1) if found else ""


def _streams(folder: Path, model: str) -> set[str]:
    path = folder / f"{model}.sql"
    if not path.is_file():
        return set()
    text = path.read_text("utf-8")
    found = {stream for _, stream in _SOURCE.findall(text)}
    for name in _REF.findall(text):
        found |= _streams(folder, name)
    return found
