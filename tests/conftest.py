"""What tests of several packages share: firms of the sandbox, grown and run once a session."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# The same examples on every machine, so that a change is judged by what it changes. `HYPOTHESIS_PROFILE=explore` looks
# for new ones; what it finds becomes an example of its test.
# No example has a deadline: how long one takes is the machine's, not the law's.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

#: Firms that take long to make: tests that read one of them run one after the other, so that it is made once.
FIRMS = ("typical_firm", "faultless_firm", "never_run", "faulty_books", "routed", "june", "march")


@pytest.hookimpl(tryfirst=True)  # before the distribution reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a fixture stay together when the tests are spread over processes.

    What takes long starts first, so that no process waits for another at the end: long tests by their minutes, then
    those of the firms, then what shares a fixture of its module.
    """
    for item in items:
        fixtures = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - pytest names no public way
        firm = next((name for name in FIRMS if name in fixtures), None)
        ours = (one for found in fixtures.values() for one in found if one.baseid.startswith("tests"))
        if firm or any(one.scope in ("module", "session") for one in ours):
            item.add_marker(pytest.mark.xdist_group(firm or item.path.stem))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[int, int]:
    long, group = item.get_closest_marker("long"), item.get_closest_marker("xdist_group")
    minutes = int(long.kwargs.get("minutes", 0)) if long else 0
    return -minutes, 2 if group is None else int(group.args[0] not in FIRMS)


@pytest.fixture(scope="session")
def typical_firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small firm with typical faults, landed, built, reconciled, planned and published. Read it; change a copy."""
    return _run(_made(tmp_path_factory, size=60, seed=7, faults="typical"))


@pytest.fixture(scope="session")
def faultless_firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small firm without faults, run like the typical one. Read it; change a copy."""
    return _run(_made(tmp_path_factory, size=40, seed=11, faults="none"))


@pytest.fixture(scope="session")
def never_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of a small firm without faults. Read them; play its systems on a copy."""
    return _made(tmp_path_factory, size=40, seed=7, faults="none")


def _made(tmp_path_factory: pytest.TempPathFactory, **what: Any) -> Path:
    from ingest import sandbox

    folder = tmp_path_factory.mktemp("firm") / "firm"
    sandbox.new(folder, **what)
    return folder


def _run(folder: Path) -> Path:
    from app import pipeline
    from app.project import Project

    pipeline.run(Project.load(folder))
    return folder
