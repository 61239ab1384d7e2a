"""Imports point one way: contracts <- ingest, reconcile <- app."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "contracts": {"contracts"},
    "ingest": {"ingest", "contracts"},
    "reconcile": {"reconcile", "contracts"},
    "app": {"app", "ingest", "reconcile", "contracts"},
}


def ours_imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names]
            case ast.ImportFrom(module=module, level=0):
                found = [module or ""]
            case ast.ImportFrom():
                found = [path.relative_to(ROOT).parts[0]]
            case _:
                found = []
        yield from (name.split(".")[0] for name in found if name.split(".")[0] in {*MAY_IMPORT, "tests", "benchmarks"})


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): sorted(set(ours_imported_by(path)) - MAY_IMPORT[package])
        for path in (ROOT / package).rglob("*.py")
    }
    assert {path: names for path, names in wrong.items() if names} == {}


def test_a_forbidden_import_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def late():\n    from app.cli import main\n    import reconcile.rule\n", encoding="utf-8")
    assert sorted(ours_imported_by(path)) == ["app", "reconcile"]
