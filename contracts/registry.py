"""Finds what was dropped into a folder: one module, one docstring, one constant."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

__all__ = ["discover"]


@cache
def discover(package: str, constant: str) -> dict[str, Any]:
    """Every module of `package` by name, as the value of its `constant` (``SYSTEM``, ``CONTRACT``, ``RULE``, ``PAGE``).

    Raises `LookupError` for a module that offers no such constant or has no docstring: a dropped file is never skipped
    in silence. Modules whose name starts with an underscore are shared pieces of the folder, not members.
    """
    folder = importlib.import_module(package)
    found: dict[str, Any] = {}
    for entry in sorted(pkgutil.iter_modules(folder.__path__), key=lambda entry: entry.name):
        if entry.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{entry.name}")
        if not hasattr(module, constant):
            raise LookupError(f"{package}/{entry.name}.py offers no {constant}. Add one, or move the file elsewhere.")
        if not module.__doc__:
            raise LookupError(f"{package}/{entry.name}.py has no docstring. It is the help text: write one.")
        found[entry.name] = getattr(module, constant)
    return found
