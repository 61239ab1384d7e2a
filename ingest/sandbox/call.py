"""What the sandbox's systems answer to: native calls, matched by method and path, played by functions.

A module of `ingest/sandbox/handlers/` offers ``HANDLERS``, and may offer ``AFTER``: what its system does by itself once
the calls of a batch are done (charges are made, plans updated, journals posted).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.sandbox.exports import Exports

__all__ = ["After", "Call", "Handler", "Refused"]


class Refused(Exception):
    """The system refuses a call; the text says why."""


@dataclass(frozen=True)
class Call:
    """One native call of an action: what its path named, its body, and the action it belongs to."""

    method: str
    path: str
    named: Mapping[str, str]
    body: Mapping[str, Any]
    action: Mapping[str, Any] = field(default_factory=dict)

    @property
    def connection(self) -> str:
        """The connection that is called."""
        return str(self.action["target"]["connection"])


#: What a system does by itself after a batch.
After = Callable[[Exports], None]


@dataclass(frozen=True)
class Handler:
    """Plays one kind of call: ``PATCH /record/v1/timebill/{id}``. Returns the record's id; raises `Refused`.

    Words in braces match one path segment. For a change of a task, the method is ``TASK`` and the path is
    ``<object>.<field>``. The more literal path wins.
    """

    method: str
    path: str
    play: Callable[[Exports, Call], str | None]

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """What the path names, or None when this is another call."""
        if method != self.method:
            return None
        pattern = "".join(
            f"(?P<{piece[1:-1]}>[^/]+?)" if piece.startswith("{") else re.escape(piece)
            for piece in re.split(r"(\{\w+\})", self.path)
        )
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None

    @property
    def generality(self) -> int:
        """How many segments are free: the fewest win."""
        return self.path.count("{")
