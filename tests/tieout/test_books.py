"""Obligations, journals, balances and disclosures: faults are found to the cent, set right, and stay right."""

from __future__ import annotations

import pytest

from tests.tieout.loop import Correction, Firm
from tests.tieout.verdict import assert_scored, assert_verified

pytestmark = pytest.mark.long

#: Checks on obligations and their prices, on journals and balances, and on what is disclosed and funded.
CHECKS = (
    "K17", "K43", "K47", "K48", "K52", "K53", "K55", "K56", "K57", "K59", "K60", "K61", "K62", "K63", "K65", "K66",
    "K68", "K69", "K70",
)  # fmt: skip


def test_faults_of_the_books_are_found_to_the_cent(faulty_books: Firm) -> None:
    assert_scored(faulty_books, of=CHECKS, at_least=150)


@pytest.mark.parametrize(
    ("disturbed", "causes"), [("K42", {"K60"}), ("K46", {"K47"}), ("K54", {"K53"}), ("K58", {"K53"})]
)
def test_what_a_fault_disturbs_hangs_under_it(faulty_books: Firm, disturbed: str, causes: set[str]) -> None:
    """A journal posted twice (K53), time beyond a cap (K47), revenue before its invoice (K60)."""
    hanging = faulty_books.rows(
        "select distinct r.check_id from recon.breaks as b join recon.breaks as r on r.break_id = b.root_id "
        f"where not b.is_root and b.check_id = '{disturbed}'"
    )
    assert {cause for (cause,) in hanging} == causes


def test_a_control_account_that_is_off_is_told_by_its_identity(faulty_books: Firm) -> None:
    off = faulty_books.rows(
        "select distinct split_part(statement, ' of ', 1) from revenue.identities where identity = 'I13' and failed > 0"
    )
    assert {"contract liabilities", "contract assets"} <= {name for (name,) in off}


def test_approved_corrections_set_the_books_right(righted_books: Correction) -> None:
    assert_verified(righted_books)
