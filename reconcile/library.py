"""The rules there are: ours, one file each in `reconcile/rules`, and those a firm keeps in a folder of its own.

Both are read alike. A file offers one `RULE`, named like the file; its docstring is the help text of the check. A file
that cannot be used is an error that names it, never skipped in silence.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from contracts.errors import ConfigError, TieoutError
from reconcile import rules as ours
from reconcile.rule import Rule

__all__ = ["rules_of"]


def rules_of(own: Path | None = None) -> tuple[Rule, ...]:
    """Every rule, by check, each with its help. A rule of the folder `own` replaces ours of the same name."""
    found = {name: _rule(name, module) for name, module in (*_ours(), *_of(own))}
    return tuple(sorted(found.values(), key=lambda rule: (rule.check, rule.name)))


def _ours() -> Iterator[tuple[str, ModuleType]]:
    for entry in pkgutil.iter_modules(ours.__path__):
        if not entry.name.startswith("_"):
            yield entry.name, importlib.import_module(f"{ours.__name__}.{entry.name}")


def _of(folder: Path | None) -> Iterator[tuple[str, ModuleType]]:
    if folder is None:
        return
    if not folder.is_dir():
        raise ConfigError("There is no such folder", where=str(folder), then="Correct rules_path in tieout.yml.")
    for path in sorted(folder.glob("[a-z]*.py")):
        yield path.stem, _read(path)


def _read(path: Path) -> ModuleType:
    """A file of the firm as a module."""
    spec = spec_from_file_location(f"tieout_rules.{path.stem}", path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - there is one for every .py file
    module = sys.modules[spec.name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except TieoutError as error:
        raise ConfigError(error.what, where=str(path), then=error.then) from error
    except Exception as error:
        raise ConfigError(f"It cannot be read: {type(error).__name__}: {error}", where=str(path)) from error
    return module


def _rule(name: str, module: ModuleType) -> Rule:
    rule, where = getattr(module, "RULE", None), str(module.__file__)
    if not isinstance(rule, Rule):
        raise ConfigError("It offers no RULE", where=where, then="Add one, or move the file elsewhere.")
    if rule.name != name:
        raise ConfigError(f"Its rule is named {rule.name!r}", where=where, then=f"Say name={name!r}.")
    if not module.__doc__:
        raise ConfigError("It has no docstring, the help text of its check", where=where, then="Write one.")
    return replace(rule, help=module.__doc__.strip())
