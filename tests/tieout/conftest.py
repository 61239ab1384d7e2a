"""Firms that several tests of the whole chain look at, or take a copy of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tieout.loop import Correction, Firm, corrected, firm

pytest.register_assert_rewrite("tests.tieout.verdict")  # it says what differs, as a test does

#: Checks on obligations and their prices, on journals and balances, and on what is disclosed and funded.
MISSTATED = (
    "K17", "K43", "K47", "K48", "K52", "K53", "K55", "K56", "K57", "K59", "K60", "K61", "K62", "K63", "K65", "K66",
    "K68", "K69", "K70",
)  # fmt: skip
#: Checks on what work costs, and on what legal entities owe each other for it.
MISPOSTED = ("K22", "K71", "K72", "K73")


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
    return _corrected(typical_firm, tmp_path_factory)


@pytest.fixture(scope="session")
def misstated(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm with the faults of `MISSTATED` and no others, run once. Read it only."""
    return _run(firm(tmp_path_factory.mktemp("misstated") / "firm", *MISSTATED))


@pytest.fixture(scope="session")
def restated(misstated: Firm, tmp_path_factory: pytest.TempPathFactory) -> Correction:
    """The same firm after its corrections and another run. Read it only."""
    return _corrected(misstated.folder, tmp_path_factory)


@pytest.fixture(scope="session")
def misposted(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm with the faults of `MISPOSTED` and no others, run once. Read it only."""
    return _run(firm(tmp_path_factory.mktemp("misposted") / "firm", *MISPOSTED))


@pytest.fixture(scope="session")
def reposted(misposted: Firm, tmp_path_factory: pytest.TempPathFactory) -> Correction:
    """The same firm after its corrections and another run. Read it only."""
    return _corrected(misposted.folder, tmp_path_factory)


def _run(one: Firm) -> Firm:
    one.run()
    return one


def _corrected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Correction:
    copy = tmp_path_factory.mktemp("corrected") / "firm"
    shutil.copytree(folder, copy)
    return corrected(Firm(copy))
