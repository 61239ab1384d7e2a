"""What reconciliation raises: a rule that cannot be used as written, or a run that does not prove."""

from __future__ import annotations

from contracts.errors import TieoutError

__all__ = ["RuleError", "UnprovenError"]


class RuleError(TieoutError):
    """A rule cannot be compiled as written: a name that no side has, values that cannot be compared."""


class UnprovenError(TieoutError):
    """Breaks do not explain the whole variance: a run that must not be published."""
