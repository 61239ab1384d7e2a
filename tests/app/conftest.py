"""Fixtures of the tests of `app`."""

from __future__ import annotations

import getpass
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest

from app import build, pipeline, reconciliation, warehouse
from app.project import Project
from reconcile.corrections import Target
from tests.app.revenue_world import publish_revenue_world
from tests.app.world import CLAIMS, PROJECT, RULE, WRITE, write_time


@pytest.fixture(scope="session")
def tiny_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two systems whose ledger lacks two of four entries. Take a copy."""
    folder = tmp_path_factory.mktemp("tiny") / "before"
    folder.mkdir()
    (folder / "tieout.yml").write_text(PROJECT + f"act_for: {{{getpass.getuser()}: [ana, carl, cleo]}}\n")
    write_time(folder, posted=2)
    return folder


@pytest.fixture(scope="session")
def tiny_after(tiny_before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same project after its first run. Take a copy."""
    folder = tmp_path_factory.mktemp("tiny") / "after"
    shutil.copytree(tiny_before, folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        _with_its_own_rules(monkeypatch)
        pipeline.run(Project.load(folder))
    return folder


@pytest.fixture
def tiny(tiny_before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of two systems whose ledger lacks two of four entries, before its first run."""
    shutil.copytree(tiny_before, tmp_path, dirs_exist_ok=True)
    _with_its_own_rules(monkeypatch)
    return Project.load(tmp_path)


@pytest.fixture
def ran(tiny_after: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The same project, after its first run."""
    shutil.copytree(tiny_after, tmp_path, dirs_exist_ok=True)
    _with_its_own_rules(monkeypatch)
    return Project.load(tmp_path)


@pytest.fixture(scope="session")
def revenue_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published run of four agreements. Read it; change a copy."""
    return publish_revenue_world(tmp_path_factory.mktemp("revenue") / "firm")


@pytest.fixture
def own_world(revenue_world: Path, tmp_path: Path) -> Path:
    """A copy of the run of four agreements, to change."""
    shutil.copytree(revenue_world, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _with_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """One model and one rule instead of all, and what the two systems take."""

    def build_claims(project: Project, state: object, **_: object) -> None:
        with warehouse.opened(project) as con:
            con.execute(CLAIMS)

    monkeypatch.setattr(build, "build", build_claims)
    monkeypatch.setattr(build, "parsing_ahead", lambda *_: nullcontext())
    monkeypatch.setattr(reconciliation, "all_rules", lambda project: [RULE])
    monkeypatch.setattr(
        pipeline,
        "targets",
        lambda project: [
            Target("kantata", "kantata", ("PSA",)),
            Target("netsuite", "netsuite", ("ERP", "REVREC"), (WRITE,)),
        ],
    )
