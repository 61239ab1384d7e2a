"""Values, terms, versions and schedules: faults are found to the cent, corrected, and stay corrected."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Firm, firm

CHECKS = ("K08", "K09", "K10", "K11", "K42")
MINE = "check_id in ('K08', 'K09', 'K10', 'K11', 'K42')"
STANDING = "status not in ('cleared', 'verified', 'timing')"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    made = firm(tmp_path_factory.mktemp("terms") / "firm", *CHECKS, seed=7, size=60)
    made.run()
    return made


def test_every_check_has_a_fault_in_a_typical_firm() -> None:
    _, truth, _ = grow(size=60, seed=7, faults="typical", only=CHECKS)
    assert {want["check"] for row in truth for want in row["expected"]} == set(CHECKS)


def test_faults_stay_apart() -> None:
    _, truth, _ = grow(size=60, seed=7, faults="poor", only=CHECKS)
    roots = [(row["root"]["object"], row["root"]["id"]) for row in truth]
    assert len(roots) == len(set(roots))


@pytest.mark.long
def test_a_clean_firm_has_no_break_of_terms(tmp_path: Path) -> None:
    clean = firm(tmp_path / "firm", size=60, faults="none")
    clean.run()
    assert clean.rows(f"select title from recon.breaks where {MINE}") == []
    assert clean.rows(f"select check_id from recon.proofs where {MINE} and residual <> 0") == []


@pytest.mark.long
def test_faults_of_terms_are_found_to_the_cent(faulty: Firm) -> None:
    found = faulty.score()
    assert found.perfect, found.report()


@pytest.mark.long
def test_approved_corrections_restore_the_terms(faulty: Firm) -> None:
    faulty.approve_all()
    answers = faulty.deliver()
    assert {answer["outcome"] for answer in answers} == {"applied"}
    before = faulty.exports()
    assert {answer["outcome"] for answer in faulty.apply_again()} <= {"applied", "already_applied"}
    assert faulty.exports() == before
    faulty.run()
    assert faulty.rows(f"select title from recon.breaks where {MINE} and {STANDING}") == []
    assert faulty.rows(f"select count(*) from recon.breaks where {MINE} and status = 'verified'")[0][0] > 30


@pytest.mark.long
@pytest.mark.parametrize(("seed", "size"), [(1, 120), (11, 200)])
def test_faults_of_terms_are_found_in_other_firms(tmp_path: Path, seed: int, size: int) -> None:
    other = firm(tmp_path / "firm", *CHECKS, seed=seed, size=size)
    other.run()
    found = other.score()
    assert found.perfect, found.report()
