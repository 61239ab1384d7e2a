"""Builds the models: dbt in this process; the crosswalk comes after staging, revenue after its evidence.

dbt opens the warehouse by itself, so nobody else may hold it open meanwhile. What the models need to know of a project
travels as dbt variables: who provides which entity (`default_claims`), who owns which field (`default_ownership`), time
zones, the day everything is judged at.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from app.document import nearest
from app.home import models_root
from app.parsed import ahead, parsed
from contracts.entity import entities
from contracts.errors import ConfigError, TieoutError
from contracts.ownership import Ownership, load_ownership
from contracts.registry import discover

if TYPE_CHECKING:
    import duckdb

    from app.project import Project
    from contracts.state import State

__all__ = [
    "BuildFailed", "BuildResult", "build", "build_models", "compiled", "default_claims", "default_ownership",
    "parsed_models", "parsing_ahead", "played", "project_vars", "registers", "render_defaults", "require_entities",
]  # fmt: skip

STAGING = "path:models/staging path:contracts/seeds"
#: Models over what was recomputed, and theirs: they come after it.
COMPUTED = "tag:computed+ source:revenue+"
#: The variables that decide which models there are and what they read. The others only enter SQL, when it is built.
SHAPING = ("claims", "registers")

#: The connections plain `dbt build` takes for granted: one per system of the first stack, named like it.
DEFAULT_CONNECTIONS = {"salesforce": "salesforce", "kantata": "kantata", "netsuite": "netsuite"}

#: What a process that parses ahead does; its arguments are the warehouse and the variables.
_PARSE = "import json, sys; from app.build import parsed_models; parsed_models(sys.argv[1], json.loads(sys.argv[2]))"
_BEGIN = "# --- rendered: claims"
_END = "# --- end of rendered: claims ---"

#: Told what is happening: a model, how many are done, how many there are (0: unknown).
Progress = Callable[[str, int, int], None]
#: {entity: [{connection, system, roles}]}: who says something about an entity, in which roles.
Claims = dict[str, list[dict[str, Any]]]


class BuildFailed(TieoutError):
    """A model or a test of the warehouse failed."""


@dataclass(frozen=True)
class BuildResult:
    """What one dbt command did: models built, seconds by model, and tests that only warn."""

    built: int
    seconds: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def build(project: Project, state: State, *, as_of: dt.date, progress: Progress | None = None) -> None:
    """Staging, the crosswalk from it, the models, revenue from its evidence, and what is said about it.

    The warehouse must not be open.
    """
    from app import warehouse
    from ingest.crosswalk import build as build_crosswalk
    from reconcile.revenue.overrides import overrides
    from reconcile.revenue.run import recompute_revenue

    with warehouse.opened(project) as con:
        stated = con.execute("select connection, time_zone from raw.watermarks where time_zone is not null").fetchall()
    variables = project_vars(project, as_of, dict(stated))
    manifest = parsed_models(project.warehouse, variables)
    build_models(project.warehouse, variables, select=STAGING, progress=progress, manifest=manifest)
    if progress:
        progress("crosswalk", 0, 0)
    with warehouse.opened(project) as con:
        build_crosswalk(con, state, list(project.connections), as_of=as_of)
    others = f"{STAGING} {COMPUTED}"
    build_models(project.warehouse, variables, exclude=others, progress=progress, manifest=manifest)
    if progress:
        progress("revenue", 0, 0)
    with warehouse.opened(project) as con:
        require_entities(con, project)
        recompute_revenue(con, project.policies(), as_of=as_of, decisions=overrides(state))
    build_models(project.warehouse, variables, select=COMPUTED, progress=progress, manifest=manifest)


def require_entities(con: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Refuses books that name a legal entity no system knows: its choices would be passed over without a word.

    Where no legal entity arrived at all, their stream did not, and that is said elsewhere.
    """
    known = {code for (code,) in con.execute("select legal_entity_code from marts.legal_entity").fetchall() if code}
    for book, key, code in project.named_entities():
        if known and code not in known:
            near = nearest(code, known)
            raise ConfigError(
                f"No system knows a legal entity {code!r}",
                where=f"tieout.yml: books.{book}.{key}",
                then=f"Nearest: {near!r}." if near else f"Known: {', '.join(sorted(known))}.",
            )


def build_models(
    path: Path | str,
    variables: Mapping[str, Any],
    *,
    select: str = "",
    exclude: str = "",
    progress: Progress | None = None,
    manifest: Any = None,
) -> BuildResult:
    """`dbt build` of some models in the warehouse at `path`. A model that fails raises `BuildFailed`, in dbt's words.

    Data tests are left to `dbt build` in CI: a run proves its figures by its own law. `manifest` is what
    `parsed_models` gave for the same variables.
    """
    options = []
    for option, value in (("--select", select), ("--exclude", exclude)):
        if value:
            options += [option, *value.split()]
    watch = _Watch(progress)
    parsed_before = manifest or parsed_models(path, variables)
    with _environment(Path(path)):
        result = _invoke("build", variables, *options, watch=watch, manifest=parsed_before)
    warned = tuple(sorted(one.node.name for one in _results(result) if str(one.status) == "warn"))
    return BuildResult(built=watch.done, seconds=watch.seconds, warnings=warned)


def parsed_models(path: Path | str, variables: Mapping[str, Any]) -> Any:
    """The models as dbt parses them with these variables, from what was kept when nothing that decides it changed.

    Another day, book or time zone asks for no other models. They are parsed without those, so that a model whose shape
    hung on one of them would fail at once, whichever run came first.
    """
    shaping = {name: variables[name] for name in SHAPING if name in variables}
    with _environment(Path(path)):
        return parsed(Path(path), shaping, lambda: _invoke("parse", shaping).result)


def parsing_ahead(
    path: Path, systems: Mapping[str, str], roles: Mapping[str, Sequence[str]] | None = None
) -> AbstractContextManager[None]:
    """Meanwhile, the models of some connections are parsed in another process, if that was not kept from before.

    Parsing takes longer than landing a small firm. `systems` and `roles` as `default_claims` takes them.
    """
    variables = _shaping(systems, roles)
    return ahead(path, variables, (sys.executable, "-P", "-c", _PARSE, str(path), json.dumps(variables)))


def played(project: Project) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The systems of a project's connections, and the roles they play."""
    connections = sorted(project.connections.items())
    return (
        {name: one.system for name, one in connections},
        {name: [str(role) for role in project.roles(name)] for name, _ in connections},
    )


def compiled(path: Path | str, template: str, variables: Mapping[str, Any]) -> str:
    """The SQL of a template that uses the macros of the models."""
    manifest = parsed_models(path, variables)
    with _environment(Path(path)):
        result = _invoke("compile", variables, "--inline", template, manifest=manifest)
    return str(_results(result)[0].node.compiled_code)


def _invoke(
    command: str, variables: Mapping[str, Any], *options: str, watch: _Watch | None = None, manifest: Any = None
) -> Any:
    """One dbt command in this process; what went wrong is raised."""
    from dbt.cli.main import dbtRunner

    runner = dbtRunner(manifest=manifest, callbacks=[watch] if watch else [])
    try:
        result = runner.invoke([command, "--vars", json.dumps(dict(variables), default=str), *options, *_QUIET])
    finally:
        _let_go()
    if not result.success:
        raise _failure(result)
    return result


_QUIET = (
    "--quiet", "--no-print", "--log-level", "none", "--log-level-file", "none", "--no-use-colors",
    "--no-send-anonymous-usage-stats", "--no-version-check", "--no-write-json", "--cache-selected-only",
)  # fmt: skip


def project_vars(project: Project, as_of: dt.date, zones: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The dbt variables of a project. `zones` are the time zones the exports themselves state."""
    stated = zones or {}
    sources = {name: project.source(name) for name in sorted(project.connections)}
    return {
        **_shaping(*played(project)),
        "ownership": default_ownership(load_ownership(_overrides(project))),
        "as_of": as_of.isoformat(),
        "base_currency": project.base_currency,
        "books": sorted(project.books),
        "contract_asset_fx": _contract_asset_fx(project),
        "intercompany_rates": project.intercompany_rates(),
        "time_zone": project.time_zone,
        "time_zones": {name: stated.get(name) or source.time_zone for name, source in sources.items()},
    }


def _shaping(systems: Mapping[str, str], roles: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The variables named in `SHAPING`."""
    return {"claims": default_claims(systems, roles), "registers": registers(systems)}


def _contract_asset_fx(project: Project) -> Mapping[str, str]:
    """Whether contract assets in foreign currency are money in the primary book, by legal entity; ``*``: all others."""
    book = project.policies().get("primary")
    if book is None:
        return {}
    return {"*": book.contract_asset_fx} | {name: book.of(name).contract_asset_fx for name in sorted(book.entities)}


def _let_go() -> None:
    """Close the connection dbt keeps for its next command: the warehouse has one writer at a time."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    kept: Any = DuckDBConnectionManager._ENV  # noqa: SLF001 - dbt offers no other way to close it
    if kept is not None:
        kept.close()
    DuckDBConnectionManager.close_all_connections()


def _overrides(project: Project) -> list[dict[str, Any]]:
    """Whose claim of what wins, where the project decides otherwise."""
    return [
        {"entity": row.entity, "fields": [] if row.field == "*" else [row.field], "owner": str(row.role)}
        for row in project.ownership
        if row.role
    ]


def default_claims(connections: Mapping[str, str], roles: Mapping[str, Sequence[str]] | None = None) -> Claims:
    """Who provides which entity, from the claims models each system brings.

    `connections`: connection -> system; `roles`: what a connection is asked for, by default all its system can play.
    """
    systems = discover("ingest.systems", "SYSTEM")
    for connection, system in connections.items():
        if system not in systems or not (models_root() / "models" / "staging" / system).is_dir():
            raise ConfigError(
                f"There are no models for system {system}", where=f"connection {connection}",
                then=f"Add models/staging/{system}/ with its staging and claims models.",
            )  # fmt: skip
    played = {
        connection: sorted(str(role) for role in (roles or {}).get(connection) or systems[system].roles)
        for connection, system in connections.items()
    }
    return {
        entity: [
            {"connection": connection, "system": system, "roles": played[connection]}
            for connection, system in sorted(connections.items())
            if (models_root() / "models" / "staging" / system / f"{system}__{entity}_claims.sql").is_file()
        ]
        for entity in entities()
    }


def registers(connections: Mapping[str, str]) -> dict[str, str]:
    """The connections whose system claims no entity, with their systems: their models are built too."""
    staging = models_root() / "models" / "staging"
    return {
        connection: system
        for connection, system in sorted(connections.items())
        if not any((staging / system).glob(f"{system}__*_claims.sql"))
    }


def default_ownership(ownership: Ownership | None = None) -> dict[str, dict[str, list[str]]]:
    """Roles in the order in which their claim wins: per entity under ``*``, and per field where it differs."""
    table = ownership or load_ownership()
    order: dict[str, dict[str, list[str]]] = {}
    for name, contract in entities().items():
        record = [str(role) for role in table.ranked(name)]
        fields = {column.name: [str(role) for role in table.ranked(name, column.name)] for column in contract.columns}
        order[name] = {"*": record} | {field: roles for field, roles in fields.items() if roles != record}
    return order


def render_defaults(root: Path, *, check: bool = False) -> list[Path]:
    """Write the default variables into dbt_project.yml; returns the file when it was (or, with `check`, is) behind."""
    path = root / "dbt_project.yml"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(_BEGIN)
    marker, _, rest = rest.partition("\n")
    _, _, tail = rest.partition(f"  {_END}")
    variables: dict[str, Mapping[str, Any]] = {
        "claims": default_claims(DEFAULT_CONNECTIONS),
        "ownership": default_ownership(),
    }
    block = "".join(f"  {line}\n" for line in _compact(variables))
    rendered = f"{head}{_BEGIN}{marker}\n{block}  {_END}{tail}"
    if rendered == text:
        return []
    if not check:
        path.write_text(rendered, encoding="utf-8")
    return [path.relative_to(root)]


def _compact(variables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """One line per entity."""
    for name, value in variables.items():
        yield f"{name}:"
        for entity, facts in value.items():
            line = yaml.safe_dump(facts, default_flow_style=True, width=10_000, sort_keys=False).strip()
            yield f"  {entity}: {line}"


@dataclass
class _Watch:
    """Counts finished models and tells whoever watches."""

    progress: Progress | None
    done: int = 0
    total: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def __call__(self, event: Any) -> None:
        name = event.info.name
        if name == "NodeFinished":
            info = event.data.node_info
            if info.resource_type in ("model", "seed"):
                self.done += 1
                self.seconds[info.node_name] = round(event.data.run_result.execution_time, 3)
                self._tell(info.node_name)
        elif name == "LogStartLine":
            self.total = max(self.total, event.data.total)

    def _tell(self, what: str) -> None:
        if self.progress:
            self.progress(what, self.done, self.total)


@contextmanager
def _environment(path: Path) -> Iterator[None]:
    """The settings dbt reads from the environment: project, profile, warehouse, memory. Restored afterwards."""
    from app.warehouse import memory_limit

    values = {
        "DBT_PROJECT_DIR": str(models_root()),
        "DBT_PROFILES_DIR": str(models_root()),
        "DBT_TARGET_PATH": str(path.parent / "dbt"),
        "DBT_LOG_PATH": str(path.parent / "dbt"),
        "TIEOUT_WAREHOUSE": str(path),
        "TIEOUT_MEMORY_LIMIT": memory_limit(),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _results(result: Any) -> list[Any]:
    return list(getattr(result.result, "results", None) or [])


def _failure(result: Any) -> BuildFailed:
    """The first failure, named by its model."""
    for one in _results(result):
        if str(one.status) in ("error", "fail", "runtime error"):
            message = " ".join(str(one.message or "").split())
            return BuildFailed(message, where=one.node.original_file_path, then="Nothing after it was built.")
    return BuildFailed(" ".join(str(result.exception or "dbt stopped").split()), where="dbt", then="Nothing was built.")
