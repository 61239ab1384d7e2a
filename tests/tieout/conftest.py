"""Firms that several tests of the whole chain look at, or take a copy of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tieout.loop import Correction, Firm, corrected

pytest.register_assert_rewrite("tests.tieout.verdict")  # it says what differs, as a test does


@pytest.fixture(scope="session")
def typical(typical_firm: Path) -> Firm:
    """The firm with typical faults, run once. Read it only."""
    return Firm(typical_firm)


@pytest.fixture
def typical_copy(typical_firm: Path, tmp_path: Path) -> Firm:
    """A firm of one's own to change: the typical one with everything it has been through."""
    shutil.copytree(typical_firm, tmp_path / "firm")
    return Firm(tmp_path / "firm")


@pytest.fixture(scope="session")
def put_right(typical_firm: Path, tmp_path_factory: pytest.TempPathFactory) -> Correction:
    """The typical firm after all its corrections and another run. Read it only."""
    copy = tmp_path_factory.mktemp("corrected") / "firm"
    shutil.copytree(typical_firm, copy)
    return corrected(Firm(copy))
