"""Keeps the models as dbt has parsed them, so that a run does not read two hundred files to find them unchanged.

Data tests are not kept: a run does not ask them, and dbt walks the whole graph once for each. What decides the result
is in the name of the kept file: models, macros, seeds, configuration, variables, dbt's version and the name of the
database. A kept file that cannot be read is written again. What is not kept yet can be parsed by another process while
exports are read (`ahead`).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.home import models_root

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

__all__ = ["ahead", "parsed"]

_SOURCES = ("models", "contracts/macros", "contracts/seeds", "tests/dbt", "dbt_project.yml", "profiles.yml")
#: Parsed projects kept; the oldest goes when another one comes.
_KEPT = 16
#: Who parses ahead at the moment, by the key of what is parsed.
_at_work: dict[str, subprocess.Popen[bytes]] = {}


def parsed(warehouse: Path, variables: Mapping[str, Any], parse: Callable[[], Manifest]) -> Manifest:
    """The parsed project for these variables without its data tests, from what was kept or from `parse`."""
    file = _file(warehouse, variables)
    manifest = _read(file)
    if manifest is None:
        manifest = _without_tests(parse())
        _write(file, manifest)
    return manifest


@contextmanager
def ahead(warehouse: Path, variables: Mapping[str, Any], command: Sequence[str]) -> Iterator[None]:
    """Meanwhile, `command` parses the same in a process of its own; unless that was kept, or somebody is at it.

    Whoever asks `parsed` for it waits for that process. What goes wrong there goes wrong here again, and is told then.
    """
    file = _file(warehouse, variables)
    if file.is_file() or file.stem in _at_work:
        yield
        return
    unheard = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=unheard, stdout=unheard, stderr=unheard) as one:  # noqa: S603 - our own program
        _at_work[file.stem] = one
        try:
            yield
        finally:
            del _at_work[file.stem]
            one.terminate()


def _without_tests(manifest: Manifest) -> Manifest:
    kept = {name: node for name, node in manifest.nodes.items() if node.resource_type not in ("test", "unit_test")}
    manifest.nodes = kept
    manifest.unit_tests = {}
    return manifest


def _file(warehouse: Path, variables: Mapping[str, Any]) -> Path:
    return _folder(warehouse) / f"{_key(warehouse, variables)}.msgpack"


def _folder(warehouse: Path) -> Path:
    """Beside the models where they may be written, else with the project's own files."""
    shared = models_root() / "target" / "parsed"
    try:
        shared.mkdir(parents=True, exist_ok=True)
    except OSError:
        shared = warehouse.parent / "dbt" / "parsed"
        shared.mkdir(parents=True, exist_ok=True)
        return shared
    return shared if os.access(shared, os.W_OK) else warehouse.parent / "dbt" / "parsed"


def _key(warehouse: Path, variables: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(f"{version('dbt-core')} {warehouse.stem} without tests".encode())
    digest.update(json.dumps(dict(variables), default=str, sort_keys=True).encode())
    for path in _files():
        digest.update(str(path.relative_to(models_root())).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _files() -> Iterator[Path]:
    for name in _SOURCES:
        source = models_root() / name
        if source.is_dir():
            yield from sorted(path for path in source.rglob("*") if path.is_file())
        elif source.is_file():  # the data tests are left out of a wheel
            yield source


def _read(file: Path) -> Manifest | None:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    if file.stem in _at_work:  # waited for after dbt was imported, which takes seconds too
        _at_work[file.stem].wait()
    try:
        found = Manifest.from_msgpack(file.read_bytes(), decoder=extended_mashumuro_decoder)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, LookupError):
        return None
    file.touch()
    return found


def _write(file: Path, manifest: Manifest) -> None:
    from dbt.parser.manifest import extended_mashumaro_encoder

    file.parent.mkdir(parents=True, exist_ok=True)
    for stale in sorted(file.parent.glob("*.msgpack"), key=lambda path: path.stat().st_mtime_ns)[: -_KEPT + 1]:
        stale.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".new", delete=False) as beside:
        beside.write(manifest.to_msgpack(extended_mashumaro_encoder))
    Path(beside.name).replace(file)
