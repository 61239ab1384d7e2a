"""Says what changed in a contract since its last release, and whether its version rose as much as that takes.

    major   a reader may break: gone, narrower, another scale, key, grain, unit, sign, time zone, weaker promise
    minor   a reader is served as before: added, wider, a stricter promise
    patch   words only

A stricter promise can break whoever writes the data; that is told beside it. What cannot be judged counts as major.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from contracts.errors import TieoutError

__all__ = ["Change", "ContractBroken", "Level", "bumped", "diff", "refuse_breaking"]

Document = Mapping[str, Any]


class Level(IntEnum):
    """How much a version must rise."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True)
class Change:
    """One difference: where, what, how much it takes of a reader, and of whoever writes the data."""

    where: str
    what: str
    reader: Level
    writer: Level = Level.NONE

    def __str__(self) -> str:
        """`invoice.net_amount: scale 4 -> 2 (major)`."""
        told = self.reader.name.lower()
        if self.writer > self.reader:
            told += f" for readers, {self.writer.name.lower()} for whoever writes it"
        return f"{self.where}: {self.what} ({told})"


class ContractBroken(TieoutError):
    """A contract changed more than its version says."""

    def __init__(self, name: str, changes: list[Change], old: str, new: str, needed: str) -> None:
        told = "; ".join(str(change) for change in changes)
        super().__init__(
            f"The contract changed since {old}: {told}",
            where=name,
            then=f"Its version is {new}; it must be {needed} or higher.",
        )


def refuse_breaking(old: Document, new: Document) -> None:
    """Raises `ContractBroken` where the new version is lower than the changes take."""
    changes = diff(old, new)
    needed = bumped(old["version"], max((change.reader for change in changes), default=Level.NONE))
    if _parts(new["version"]) < _parts(needed):
        name = str(new["name"])
        raise ContractBroken(name, changes, str(old["version"]), str(new["version"]), needed)


def bumped(version: str, level: Level) -> str:
    """The lowest version that says a change of that level."""
    major, minor, patch = _parts(version)
    match level:
        case Level.MAJOR:
            return f"{major + 1}.0.0"
        case Level.MINOR:
            return f"{major}.{minor + 1}.0"
        case Level.PATCH:
            return f"{major}.{minor}.{patch + 1}"
        case _:
            return version


def diff(old: Document, new: Document) -> list[Change]:
    """Every change between two documents of one entity, in the order of the columns."""
    before, after = old["schema"][0], new["schema"][0]
    name = str(new["name"])
    return [*_of_object(name, before, after), *_of_columns(name, before, after), *_of_rules(name, before, after)]


def _of_object(name: str, before: Document, after: Document) -> Iterator[Change]:
    for field, what in (("physicalName", "name"), ("physicalType", "kind of relation")):
        if before.get(field) != after.get(field):
            yield Change(name, f"{what} {before.get(field)} -> {after.get(field)}", Level.MAJOR)
    if before.get("dataGranularityDescription") != after.get("dataGranularityDescription"):
        yield Change(name, "another grain", Level.MAJOR)
    if _key(before) != _key(after):
        yield Change(name, f"key {', '.join(_key(before))} -> {', '.join(_key(after))}", Level.MAJOR)
    if before.get("description") != after.get("description"):
        yield Change(name, "described in other words", Level.PATCH)
    if _custom(before) != _custom(after):
        yield Change(name, "another owner or queue", Level.PATCH)


def _key(document: Document) -> list[str]:
    keyed = [column for column in document["properties"] if column.get("primaryKey")]
    return [str(column["name"]) for column in sorted(keyed, key=lambda column: column["primaryKeyPosition"])]


def _of_columns(name: str, before: Document, after: Document) -> Iterator[Change]:
    was = {str(column["name"]): column for column in before["properties"]}
    now = {str(column["name"]): column for column in after["properties"]}
    for gone in sorted(was.keys() - now.keys()):
        yield Change(f"{name}.{gone}", "removed", Level.MAJOR)
    for column, said in now.items():
        where = f"{name}.{column}"
        if column in was:
            yield from _of_column(where, was[column], said)
        elif said.get("required"):
            yield Change(where, "added, required", Level.MINOR, Level.MAJOR)
        else:
            yield Change(where, "added", Level.MINOR)


def _of_column(where: str, was: Document, now: Document) -> Iterator[Change]:
    yield from _of_type(where, str(was["physicalType"]), str(now["physicalType"]))
    yield from _of_promise(where, "required", bool(was.get("required")), bool(now.get("required")))
    yield from _of_promise(where, "unique", bool(was.get("unique")), bool(now.get("unique")))
    yield from _of_values(where, was.get("enum"), now.get("enum"))
    yield from _of_bounds(where, was.get("logicalTypeOptions", {}), now.get("logicalTypeOptions", {}))
    yield from _of_class(where, was.get("classification", "none"), now.get("classification", "none"))
    if was.get("relationships") != now.get("relationships"):
        level = Level.MAJOR if was.get("relationships") else Level.MINOR
        yield Change(where, "points elsewhere", level, Level.MAJOR)
    yield from _of_meaning(where, _custom(was), _custom(now))
    if was.get("description") != now.get("description"):
        yield Change(where, "described in other words", Level.PATCH)


_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")

#: Types every value of which fits into the other.
_WIDER = {("integer", "bigint")}


def _of_type(where: str, was: str, now: str) -> Iterator[Change]:
    if was == now:
        return
    what = f"type {was} -> {now}"
    old, new = _DECIMAL.fullmatch(was), _DECIMAL.fullmatch(now)
    if old and new and old[2] == new[2]:
        yield Change(where, what, Level.MINOR if int(new[1]) > int(old[1]) else Level.MAJOR)
    else:  # another scale moves cents: never quietly
        yield Change(where, what, Level.MINOR if (was, now) in _WIDER else Level.MAJOR)


def _of_promise(where: str, promise: str, was: bool, now: bool) -> Iterator[Change]:
    if was and not now:
        yield Change(where, f"no longer {promise}", Level.MAJOR)
    elif now and not was:
        yield Change(where, f"now {promise}", Level.MINOR, Level.MAJOR)


def _of_values(where: str, was: Any, now: Any) -> Iterator[Change]:
    old = {entry["value"] for entry in was or ()}
    new = {entry["value"] for entry in now or ()}
    if was and not now:
        yield Change(where, "any value allowed", Level.MAJOR)
    elif now and not was:
        yield Change(where, f"only {', '.join(sorted(new))} allowed", Level.MINOR, Level.MAJOR)
    else:
        if added := sorted(new - old):
            yield Change(where, f"may also be {', '.join(added)}", Level.MINOR)
        if removed := sorted(old - new):
            yield Change(where, f"no longer {', '.join(removed)}", Level.MINOR, Level.MAJOR)


def _of_bounds(where: str, was: Document, now: Document) -> Iterator[Change]:
    for bound, tighter in (("minimum", 1), ("maximum", -1)):
        old, new = was.get(bound), now.get(bound)
        if old == new:
            continue
        is_tighter = new is not None and (old is None or (new - old) * tighter > 0)
        levels = (Level.MINOR, Level.MAJOR) if is_tighter else (Level.MAJOR, Level.NONE)
        yield Change(where, f"{bound} {_or_none(old)} -> {_or_none(new)}", *levels)


def _or_none(value: Any) -> str:
    return "none" if value is None else str(value)


_CLASSES = ("none", "personal", "sensitive")


def _of_class(where: str, was: str, now: str) -> Iterator[Change]:
    if was == now:
        return
    is_judged = was in _CLASSES and now in _CLASSES
    is_lower = not is_judged or _CLASSES.index(now) < _CLASSES.index(was)
    yield Change(where, f"personal data: {was} -> {now}", Level.MAJOR if is_lower else Level.MINOR)


_MEANINGS = {"unit": "unit", "sign": "sign", "timeZone": "time zone", "sourceIdOf": "record it refers to"}


def _of_meaning(where: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Change]:
    for fact in sorted(was.keys() | now.keys()):
        old, new = was.get(fact), now.get(fact)
        if old != new:
            level = Level.MAJOR if fact in _MEANINGS else Level.PATCH
            yield Change(where, f"{_MEANINGS.get(fact, fact)} {_or_none(old)} -> {_or_none(new)}", level)


def _of_rules(name: str, before: Document, after: Document) -> Iterator[Change]:
    was = {str(rule["id"]): rule["query"] for rule in before.get("quality", ())}
    now = {str(rule["id"]): rule["query"] for rule in after.get("quality", ())}
    for rule in sorted(was.keys() | now.keys()):
        if rule not in now:
            yield Change(name, f"rule {rule} removed", Level.MAJOR)
        elif rule not in was:
            yield Change(name, f"rule {rule} added", Level.MINOR, Level.MAJOR)
        elif was[rule] != now[rule]:
            yield Change(name, f"rule {rule} says something else", Level.MAJOR, Level.MAJOR)


def _custom(document: Document) -> dict[str, str]:
    return {entry["property"]: entry["value"] for entry in document.get("customProperties", ())}


def _parts(version: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", str(version))
    if not found:
        raise TieoutError(f"'{version}' is no version", then="Write it as 1.0.0.")
    return int(found[1]), int(found[2]), int(found[3])
