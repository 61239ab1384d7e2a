"""Firms that several tests of the whole chain look at, or take a copy of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.project import Project
from tests.tieout.june import as_of_june
from tests.tieout.loop import OF_THE_BOOKS, Correction, Firm, corrected, struck
from tests.tieout.march import as_of_march

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
    return _corrected_copy(typical_firm, tmp_path_factory)


@pytest.fixture(scope="session")
def faulty_books(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm whose books are wrong in every way, and whose delivery and billing are right, run once. Read it only."""
    return struck(tmp_path_factory.mktemp("books") / "firm", *OF_THE_BOOKS, seed=11, size=200)


@pytest.fixture(scope="session")
def righted_books(faulty_books: Firm, tmp_path_factory: pytest.TempPathFactory) -> Correction:
    """The same firm after all its corrections and another run. Read it only."""
    return _corrected_copy(faulty_books.folder, tmp_path_factory)


@pytest.fixture(scope="session")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm whose faults delivery has to look after: estimates that tell a loss, milestones that slipped. Read it."""
    folder = tmp_path_factory.mktemp("routed") / "firm"
    return struck(folder, "zero_too_many", "estimate_with_reserve", "acceptance_never_asked")


@pytest.fixture(scope="session")
def looked_after(routed: Firm, tmp_path_factory: pytest.TempPathFactory) -> Correction:
    """The same firm after delivery looked after them, and another run. Read it only."""
    return _corrected_copy(routed.folder, tmp_path_factory)


@pytest.fixture(scope="session")
def june(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A firm written by hand as of June, run with its revenue register. Read it only."""
    return as_of_june(tmp_path_factory.mktemp("june"))


@pytest.fixture(scope="session")
def march(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm written by hand as of the end of March, run once. Read it only."""
    return as_of_march(tmp_path_factory.mktemp("march") / "firm")


def _corrected_copy(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Correction:
    copy = tmp_path_factory.mktemp("corrected") / "firm"
    shutil.copytree(folder, copy)
    return corrected(Firm(copy))
