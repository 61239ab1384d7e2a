"""Reads a YAML file so that every value still knows its line, and every mistake can name it.

Numbers with a decimal point become exact decimals, a repeated key is an error, ``${NAME}`` is taken from the
environment.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from contracts.errors import ConfigError

__all__ = ["Document", "located", "nearest"]

#: Where a value is: keys and list positions from the top.
Place = tuple[str | int, ...]

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PASSWORD = re.compile(r"://[^/:@]*:(?!\$\{)[^@/]+@")


class _Loader(yaml.SafeLoader):
    """The safe loader, with exact decimals."""


def _exact(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


_Loader.add_constructor("tag:yaml.org,2002:float", _exact)


@dataclass(frozen=True)
class Document:
    """A file's values as written, and the line of each."""

    path: Path
    values: dict[str, Any]
    lines: Mapping[Place, int]

    @classmethod
    def read(cls, path: Path) -> Document:
        """Reads a file whose top is a mapping."""
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            node = loader.get_single_node()
            lines = dict(_lines(node, ())) if node is not None else {}
            values = loader.construct_document(node) if node is not None else {}
        except yaml.MarkedYAMLError as error:
            line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
            raise ConfigError(f"This is no YAML: {error.problem}", where=f"{path}{line}") from error
        except UnicodeDecodeError as error:
            raise ConfigError("This is no UTF-8 text", where=str(path), then="Save it as UTF-8.") from error
        if not isinstance(values, dict):
            raise ConfigError("The file holds no settings", where=str(path), then="Start with `firm: <name>`.")
        return cls(path, values, lines)

    def line(self, place: Place) -> int:
        """The line of a value, or of what it would be in."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, what: str, place: Place, then: str = "") -> ConfigError:
        """An error about a value, with its line."""
        return ConfigError(what, where=f"{self.path}, line {self.line(place)}", then=then)

    def resolved(self, *, optional: Place) -> dict[str, Any]:
        """The values with ``${NAME}`` filled in. An unset variable is an error, or None at the `optional` places."""
        values: dict[str, Any] = self._resolve(self.values, (), optional)
        return values

    def refuse_literals(self, pattern: Place) -> None:
        """Raises where a value that must come from the environment is written out."""
        for place, value in _leaves(self.values, ()):
            if _fits(place, pattern) and not (isinstance(value, str) and _VARIABLE.fullmatch(value)):
                raise self.error(
                    f"{place[-1]} is written out; secrets never stand in the file",
                    place,
                    f"Write {place[-1]}: ${{SOME_NAME}} and set that environment variable.",
                )

    def refuse_password(self, place: Place) -> None:
        """Raises where an address has its password written out."""
        value = dict(_leaves(self.values, ())).get(place)
        if isinstance(value, str) and _PASSWORD.search(value):
            raise self.error("The address has its password written out", place, "Write ${SOME_NAME} in its place.")

    def refuse_key(self, key: str, model: type[BaseModel]) -> None:
        """Raises when the file sets what is not for it to set."""
        if key in self.values:
            raise self.error(f"Unknown setting {key!r}{_hint(key, _names(model) - {key})}", (key,))

    def require_known(self, name: str, known: Collection[str], kind: str, place: Place) -> None:
        """Raises when a name refers to nothing, with the nearest one that exists."""
        if name not in known:
            raise self.error(f"There is no {kind} {name!r}{_hint(name, known)}", place)

    def _resolve(self, value: Any, place: Place, optional: Place) -> Any:
        match value:
            case dict():
                return {key: self._resolve(item, (*place, key), optional) for key, item in value.items()}
            case list():
                return [self._resolve(item, (*place, index), optional) for index, item in enumerate(value)]
            case str():
                return self._filled(value, place, optional)
        return value

    def _filled(self, text: str, place: Place, optional: Place) -> str | None:
        missing = [name for name in _VARIABLE.findall(text) if name not in os.environ]
        if missing and _fits(place, optional):
            return None
        if missing:
            raise self.error(f"The environment variable {missing[0]} is not set", place, "Set it, or write the value.")
        return _VARIABLE.sub(lambda found: os.environ[found[1]], text)


def located(error: ValidationError, document: Document, model: type[BaseModel]) -> str:
    """What is wrong with a file, one line a mistake, each with its line in the file."""
    found: dict[Place, str] = {}
    for detail in error.errors():
        place = _place(detail["loc"], document)
        found.setdefault(place, _worded(detail, model))
    return "; ".join(f"line {document.line(place)}: {text}" for place, text in found.items())


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that `name` was probably meant to be."""
    found = difflib.get_close_matches(name.lower(), [one.lower() for one in known], n=1, cutoff=0.5)
    return next((one for one in known if found and one.lower() == found[0]), None)


def _worded(detail: Any, model: type[BaseModel]) -> str:
    loc: Place = detail["loc"]
    where = ".".join(str(step) for step in loc)
    if detail["type"] == "extra_forbidden":
        return f"unknown setting {where!r}{_hint(str(loc[-1]), _names(_section(model, loc[:-1])))}"
    if detail["type"] == "missing":
        return f"{where} is missing"
    return f"{where}: {detail['msg'].removeprefix('Value error, ')}"


def _hint(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else f". Known: {', '.join(sorted(known))}"


def _names(model: type[BaseModel] | None) -> set[str]:
    return {name for name, field in model.model_fields.items() if not field.exclude} if model else set()


def _section(model: type[BaseModel], loc: Place) -> type[BaseModel] | None:
    """The model that describes the place `loc`, where there is one."""
    annotation: Any = model
    for step in loc:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = annotation.model_fields[str(step)].annotation
        else:
            annotation = get_args(annotation)[-1 if isinstance(step, str) else 0]
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _place(loc: Place, document: Document) -> Place:
    """The longest part of `loc` that the file has: pydantic appends the names of types it tried."""
    while loc and loc not in document.lines:
        loc = loc[:-1]
    return loc


def _fits(place: Place, pattern: Place) -> bool:
    return len(place) == len(pattern) and all(want in ("*", step) for step, want in zip(place, pattern, strict=True))


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield place, value
        return
    for key, item in items:
        yield from _leaves(item, (*place, key))


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    """The line of each value; a repeated key is an error."""
    if place:
        yield place, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, (*place, index))
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, item in node.value:
        if key.value in seen:
            raise yaml.MarkedYAMLError(problem=f"{key.value!r} is there twice", problem_mark=key.start_mark)
        seen.add(key.value)
        yield from _lines(item, (*place, key.value))
        yield (*place, key.value), key.start_mark.line + 1
