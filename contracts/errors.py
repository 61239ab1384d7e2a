"""What Tieout raises when it is asked for something impossible. Wrong *data* is never raised: it becomes a row.

    TieoutError                 says what is wrong, where, and what to do next
    ├── ConfigError             the project file, a path or an argument cannot be used
    └── LandError               an export cannot be landed
        ├── StreamStopped       one stream is unusable; the others go on
        └── ConservationError   a hop did not hand on every row or every cent it was given

A violation (a row fails its contract) and a break (two systems disagree) are values in the warehouse, not exceptions.
"""

from __future__ import annotations

__all__ = ["ConfigError", "ConservationError", "LandError", "StreamStopped", "TieoutError"]


class TieoutError(Exception):
    """Something a person has to decide or repair.

    >>> str(TieoutError("The file is empty", where="exports/netsuite/charge.csv", then="Export it again."))
    'exports/netsuite/charge.csv: The file is empty. Export it again.'
    """

    def __init__(self, what: str, *, where: str = "", then: str = "") -> None:
        self.what, self.where, self.then = what, where, then
        head = f"{where}: {what}" if where else what
        super().__init__(f"{head.rstrip('.')}. {then}".strip() if then else head)


class ConfigError(TieoutError):
    """The project file, a path or an argument cannot be used as it stands."""


class LandError(TieoutError):
    """An export cannot be landed."""


class StreamStopped(LandError):
    """One stream of one connection is unusable as exported. What was landed before stays; other streams go on."""


class ConservationError(LandError):
    """A hop handed on fewer rows, or another amount, than it was given. Nothing of that load is kept."""
