"""How a vendor takes a correction: the native call behind an action, as a template.

A vendor file lists its `Write` values (``SYSTEM.writes``); a rule names the kind, the entity and the variant of the
correction it needs, and gives the values. Neither knows the other: the plan brings them together, and turns what no
`Write` covers into a task for a person.

Templates are nested mappings, lists and texts. A leaf ``"{hours}"`` becomes the value itself, typed; a text with a
placeholder inside (``"KAN-TE-{entry_id}"``) becomes text; a leaf ``"{memo?}"`` is left out when its value is empty.

A value may be the id of a record that an earlier call of the same correction makes: ``${result.1}`` is what the call
with sequence 1, on which this one depends, was answered with. It is filled when the call is delivered (`with_results`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from contracts.actions import ActionKind

__all__ = ["TASK", "Safety", "Write", "placeholders", "with_results"]

#: How a repeated call behaves: `keyed` and `upsert` are safe, `read_back` looks first, `never_retry` asks a person.
Safety = Literal["keyed", "upsert", "read_back", "never_retry"]

#: The method of a request that a person carries out.
TASK = "TASK"

_RESULT = re.compile(r"\$\{result\.(\d+)\}")
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\??\}")


@dataclass(frozen=True)
class Write:
    """One way a system takes one kind of correction of one entity.

    `object` is the vendor's own name of what is written. `method` and `path` are the vendor's (``PATCH``,
    ``/services/data/v60.0/sobjects/Account/{record_id}``), or `TASK` and the empty path where its interface cannot.
    `compensation` names the variant that undoes it.
    """

    kind: ActionKind
    entity: str
    variant: str = ""
    method: str = TASK
    path: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    object: str = ""
    safety: Safety = "read_back"
    compensation: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What a correction looks it up by."""
        return (str(self.kind), self.entity, self.variant)


def placeholders(template: Any) -> Iterator[str]:
    """The names of all values a template asks for, in the order in which they appear."""
    match template:
        case str():
            yield from _PLACEHOLDER.findall(template)
        case Mapping():
            for value in template.values():
                yield from placeholders(value)
        case list() | tuple():
            for value in template:
                yield from placeholders(value)


def with_results(template: Any, results: Mapping[int, str | None]) -> Any:
    """A request with the answers of earlier calls in it; `results` holds the record id by sequence.

    Raises `LookupError` for an answer that is not known: such a call must not go out.
    """

    def answer(found: re.Match[str]) -> str:
        record_id = results.get(int(found[1]))
        if record_id is None:
            raise LookupError(f"the record that call {found[1]} makes is not known")
        return record_id

    match template:
        case str():
            return _RESULT.sub(answer, template)
        case Mapping():
            return {key: with_results(value, results) for key, value in template.items()}
        case list() | tuple():
            return [with_results(value, results) for value in template]
        case _:
            return template
