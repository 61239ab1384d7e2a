"""What tests of several packages share: firms of the sandbox, grown and run once a session."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def typical_firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small firm with typical faults, landed, built, reconciled, planned and published. Read it; change a copy."""
    from app import pipeline
    from app.project import Project
    from ingest import sandbox

    folder = tmp_path_factory.mktemp("firm") / "typical"
    sandbox.new(folder, size=60, seed=7, faults="typical")
    pipeline.run(Project.load(folder))
    return folder


@pytest.fixture(scope="session")
def faultless_firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small firm without faults, run like the typical one. Read it; change a copy."""
    from app import pipeline
    from app.project import Project
    from ingest import sandbox

    folder = tmp_path_factory.mktemp("firm") / "faultless"
    sandbox.new(folder, size=40, seed=11, faults="none")
    pipeline.run(Project.load(folder))
    return folder
