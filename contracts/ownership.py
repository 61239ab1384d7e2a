"""Who is right: the book of record per entity and field, when it passes, and how a correction may be made.

The table is `ownership.yml`; a project overrides rows of it. From a break and this table follow the connection at
fault, the queue, the kind of correction and who approves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.actions import ApproverRole
from contracts.entity import entities
from contracts.errors import ConfigError
from contracts.roles import Role

__all__ = ["Conflict", "Group", "Override", "Ownership", "Passing", "Queue", "UpdatePolicy", "load_ownership"]

_FILE = Path(__file__).with_name("ownership.yml")
_RECORD = "record"
#: What an override may be limited to, the narrowest first.
_LIMITS = ("legal_entity", "connection", "role")


class UpdatePolicy(StrEnum):
    """How a correction may be made at the owner."""

    OVERWRITE = "overwrite"
    VERSIONED_AMENDMENT = "versioned_amendment"
    REVERSE_AND_REPOST = "reverse_and_repost"
    HUMAN_ONLY = "human_only"


class Conflict(StrEnum):
    """What decides when claims differ."""

    OWNER_WINS = "owner_wins"
    SIGNED_VERSION_WINS = "signed_version_wins"
    HUMAN_DECIDES = "human_decides"


class Queue(StrEnum):
    """Whose work a break is."""

    FINANCE_OPERATIONS = "finance_operations"
    SERVICE_DELIVERY = "service_delivery"
    MASTER_DATA = "master_data"
    REVENUE_ACCOUNTING = "revenue_accounting"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Passing(_Strict):
    """The moment from which another role is the book of record."""

    when: str
    to: Role


class Group(_Strict):
    """Fields of one entity that have one owner and one way of being corrected."""

    owner: Role
    fields: tuple[str, ...] = ()
    fallback: tuple[Role, ...] = ()
    passes: Passing | None = None
    update: UpdatePolicy
    conflict: Conflict
    queue: Queue
    approval: ApproverRole


class Override(_Strict):
    """A row of the project file: what a firm decides otherwise, for all or for one part of it.

    It holds where all its limits do. The narrowest one wins: `legal_entity`, then `connection`, then `role` (the role
    of the claim looked at), then none.
    """

    entity: str
    fields: tuple[str, ...] = ()
    legal_entity: str | None = None
    connection: str | None = None
    role: Role | None = None
    owner: Role | None = None
    fallback: tuple[Role, ...] | None = None
    passes: Passing | None = None
    update: UpdatePolicy | None = None
    conflict: Conflict | None = None
    queue: Queue | None = None
    approval: ApproverRole | None = None

    @property
    def limits(self) -> dict[str, str]:
        """What it is limited to, with the value of each limit; all of them must hold."""
        return {name: str(value) for name in _LIMITS if (value := getattr(self, name))}

    @property
    def precedence(self) -> tuple[bool, ...]:
        """The narrower, the higher."""
        return tuple(name in self.limits for name in _LIMITS)

    def applied_to(self, group: Group) -> Group:
        """The group with what this row decides otherwise."""
        named = ("owner", "fallback", "passes", "update", "conflict", "queue", "approval")
        changed = {name: value for name in named if (value := getattr(self, name)) is not None}
        return group.model_copy(update=changed)


class _Document(_Strict):
    groups: dict[str, dict[str, Group]] = Field(default_factory=dict)


class Ownership:
    """The table of owners with a project's overrides. Ask it by entity and field."""

    def __init__(self, groups: Mapping[str, Mapping[str, Group]], overrides: Iterable[Override] = ()) -> None:
        self._groups = groups
        self._overrides = tuple(overrides)

    def group(
        self,
        entity: str,
        field: str = "",
        *,
        role: Role | str | None = None,
        connection: str | None = None,
        legal_entity: str | None = None,
    ) -> Group:
        """Owner and policies of a field (empty: the record itself) for a claim of that role, connection and entity."""
        try:
            named = self._groups[entity]
        except KeyError as error:
            raise ConfigError(
                f"No entity '{entity}'", where="ownership", then=f"Known: {', '.join(sorted(self._groups))}."
            ) from error
        found = next((group for group in named.values() if field in group.fields), named[_RECORD])
        asked = {"legal_entity": legal_entity, "connection": connection, "role": str(role) if role else None}
        for override in sorted(self._overrides, key=lambda each: each.precedence):
            is_ours = override.entity == entity and (not override.fields or field in override.fields)
            if is_ours and override.limits.items() <= asked.items():
                found = override.applied_to(found)
        return found

    def reference(self, entity: str, field: str = "", **claim: Any) -> Role:
        """The role others are compared with: the owner, or the holder of the signed versions where those win."""
        group = self.group(entity, field, **claim)
        if group.conflict is Conflict.SIGNED_VERSION_WINS:
            return self.group("agreement_version").owner
        return group.owner

    def ranked(self, entity: str, field: str = "", **claim: Any) -> tuple[Role, ...]:
        """The roles to take a value from, best first: the reference, then the fallback."""
        group = self.group(entity, field, **claim)
        return tuple(dict.fromkeys((self.reference(entity, field, **claim), group.owner, *group.fallback)))


def load_ownership(overrides: Iterable[Mapping[str, Any]] = (), *, path: Path = _FILE) -> Ownership:
    """The owners of `ownership.yml` with a project's rows on top. Unknown names are errors that name the nearest."""
    rows = []
    for number, row in enumerate(overrides, start=1):
        where = f"ownership override {number}"
        try:
            override = Override.model_validate(row)
        except ValidationError as error:
            raise _worded(error, Override, where) from error
        _refuse_unknown(override.entity, override.fields, where)
        rows.append(override)
    return Ownership(_read(path), rows)


@cache
def _read(path: Path) -> dict[str, dict[str, Group]]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        groups = _Document.model_validate({"groups": loaded}).groups
    except ValidationError as error:
        raise _worded(error, Group, path.name) from error
    for entity, named in groups.items():
        if _RECORD not in named:
            raise ConfigError(f"{entity} has no group '{_RECORD}'", where=path.name, then="Add one: it owns the rest.")
        _refuse_unknown(entity, [field for group in named.values() for field in group.fields], path.name)
    return groups


def _refuse_unknown(entity: str, fields: Iterable[str], where: str) -> None:
    known = entities()
    if entity not in known:
        raise ConfigError(f"No entity '{entity}'", where=where, then=_nearest(entity, known))
    columns = [column.name for column in known[entity].columns]
    for field in fields:
        if field not in columns:
            raise ConfigError(f"{entity} has no field '{field}'", where=where, then=_nearest(field, columns))


def _worded(error: ValidationError, model: type[BaseModel], where: str) -> ConfigError:
    first = error.errors()[0]
    key = str(first["loc"][-1])
    at = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return ConfigError(f"Unknown key '{key}' at {at}", where=where, then=_nearest(key, model.model_fields))
    return ConfigError(f"{at}: {first['msg']} (found {first['input']!r})", where=where)


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Nearest: '{close[0]}'." if close else f"Known: {', '.join(names)}."
