"""Journals and balances of agreements: faults are found to the cent, set right, and stay right."""

from __future__ import annotations

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Firm, firm

CHECKS = ("K53", "K55", "K56", "K57", "K59", "K60", "K61", "K62", "K63", "K65", "K66")
MINE = f"check_id in {CHECKS}"
STANDING = "status not in ('cleared', 'verified', 'timing')"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    made = firm(tmp_path_factory.mktemp("books") / "firm", *CHECKS, seed=7, size=60)
    made.run()
    return made


@pytest.mark.parametrize("seed", [1, 7, 11])
def test_every_check_has_faults_in_a_typical_firm_of_two_hundred(seed: int) -> None:
    _, truth, noise = grow(size=200, seed=seed, faults="typical", only=CHECKS)
    assert {want["check"] for row in truth for want in row["expected"]} == set(CHECKS)
    assert {row["pattern"] for row in noise} == {"late_cost_in_open_month", "deal_closed_next_day"}
    roots = [row["root"]["id"] for row in truth]
    assert len(roots) == len(set(roots))


@pytest.mark.long
def test_faults_of_the_books_are_found_to_the_cent(faulty: Firm) -> None:
    found = faulty.score()
    assert found.perfect, found.report()
    assert found.expected >= 13


@pytest.mark.long
def test_what_a_journal_posted_twice_disturbs_hangs_under_it(faulty: Firm) -> None:
    hanging = faulty.rows(
        "select distinct b.check_id, r.check_id from recon.breaks as b join recon.breaks as r "
        "on r.break_id = b.root_id where not b.is_root and b.check_id in ('K54', 'K58', 'K42')"
    )
    assert set(hanging) == {("K54", "K53"), ("K58", "K53"), ("K42", "K60")}


@pytest.mark.long
def test_approved_corrections_set_the_books_right(faulty: Firm) -> None:
    faulty.approve_all()
    answers = faulty.deliver()
    assert {answer["outcome"] for answer in answers} == {"applied"}, answers
    before = faulty.exports()
    assert {answer["outcome"] for answer in faulty.apply_again()} <= {"applied", "already_applied"}
    assert faulty.exports() == before
    faulty.run()
    assert faulty.rows(f"select title from recon.breaks where {STANDING}") == []
    acted = "break_id in (select unnest(breaks) from recon.actions)"
    assert faulty.rows(f"select distinct status from recon.breaks where {acted}") == [("verified",)]
    assert faulty.rows(f"select check_id from recon.proofs where {MINE} and residual <> 0") == []
