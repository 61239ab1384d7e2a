"""Journals and balances of agreements: faults are found to the cent, set right, and stay right."""

from __future__ import annotations

import pytest

from tests.tieout.loop import Firm, corrected, firm
from tests.tieout.verdict import assert_scored, assert_verified

CHECKS = ("K53", "K55", "K56", "K57", "K59", "K60", "K61", "K62", "K63", "K65", "K66")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    made = firm(tmp_path_factory.mktemp("books") / "firm", *CHECKS, seed=7, size=60)
    made.run()
    return made


@pytest.mark.long
def test_faults_of_the_books_are_found_to_the_cent(faulty: Firm) -> None:
    assert_scored(faulty, at_least=13)


@pytest.mark.long
def test_what_a_journal_posted_twice_disturbs_hangs_under_it(faulty: Firm) -> None:
    hanging = faulty.rows(
        "select distinct b.check_id, r.check_id from recon.breaks as b join recon.breaks as r "
        "on r.break_id = b.root_id where not b.is_root and b.check_id in ('K54', 'K58', 'K42')"
    )
    assert set(hanging) == {("K54", "K53"), ("K58", "K53"), ("K42", "K60")}


@pytest.mark.long
def test_a_control_account_that_is_off_is_told_by_its_identity(faulty: Firm) -> None:
    off = faulty.rows(
        "select distinct split_part(statement, ' of ', 1) from revenue.identities where identity = 'I13' and failed > 0"
    )
    assert {"contract liabilities", "contract assets"} <= {name for (name,) in off}


@pytest.mark.long
def test_approved_corrections_set_the_books_right(faulty: Firm) -> None:
    assert_verified(corrected(faulty))
