"""Billing: what is billed twice, too early, not at all or beyond the agreement is found and put right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Firm, firm

CHECKS = ("K28", "K29", "K30", "K31", "K33", "K34", "K35")
MINE = f"check_id in {CHECKS}"
FAULTS = {
    "billed_before_acceptance", "billed_beyond_value", "credit_not_in_crm", "credit_typed_free_hand",
    "hours_not_taken_back",
    "invoice_sent_twice", "line_added_by_hand", "line_overwritten", "milestone_left_on_hold", "milestone_never_charged",
    "payment_not_in_crm", "payment_not_in_delivery",
}  # fmt: skip
NOISE = {
    "duplicate_taken_back", "invoice_pending", "milestone_accepted_yesterday", "payment_just_now", "task_reopened",
}  # fmt: skip


@pytest.mark.parametrize("faults", ["typical", "poor"])
def test_every_check_has_faults_and_the_noise_beside_them(faults: str) -> None:
    _, truth, noise = grow(size=60, seed=7, faults=faults, only=CHECKS)
    assert {row["pattern"] for row in truth} == FAULTS
    assert {row["pattern"] for row in noise} == NOISE
    roots = [(row["root"]["object"], row["root"]["id"]) for row in truth]
    assert len(roots) == len(set(roots))


def test_the_copy_of_an_invoice_posts_and_its_charges_stay_where_they_were() -> None:
    world, truth, _ = grow(size=60, seed=7, faults="typical", only=("invoice_sent_twice",))
    original, copy = (one["id"] for one in truth[0]["expected"][0]["records"])
    charges = Counter(world["netsuite.charge"]["invoice"].to_list())
    assert charges[original] > 0
    assert charges[copy] == 0
    ledger = world["netsuite.transactionaccountingline"]
    assert ledger.filter(ledger["transaction"] == copy)["netamount"].sum() == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("seed", "size", "faults"), [(1, 60, "poor"), (11, 60, "poor"), (7, 60, "typical"), (7, 200, "typical")]
)
def test_every_fault_is_found_and_nothing_else(tmp_path: Path, seed: int, size: int, faults: str) -> None:
    small = firm(tmp_path, *CHECKS, seed=seed, size=size, faults=faults)

    small.run()

    found = small.score()
    assert found.perfect, found.report()
    assert {row[0] for row in small.rows(f"select distinct check_id from recon.breaks where {MINE}")} == set(CHECKS)
    assert small.rows(f"select message from recon.proofs where status = 'failed' and {MINE}") == []


@pytest.mark.long
def test_a_clean_firm_has_no_break_of_billing(tmp_path: Path) -> None:
    clean = firm(tmp_path, faults="none", size=40)

    clean.run()

    assert clean.rows(f"select check_id, title from recon.breaks where {MINE} and status <> 'timing'") == []
    assert clean.rows(f"select rule, residual from recon.proofs where {MINE} and residual <> 0") == []


@pytest.mark.long
def test_what_is_corrected_stays_corrected(tmp_path: Path) -> None:
    broken = firm(tmp_path, *CHECKS, seed=7, size=60, faults="poor")
    broken.run()
    before = _ids(broken, "true")
    roots = _ids(broken, "root_id = break_id and status <> 'timing'")

    broken.approve_all()
    answers = broken.deliver()
    exported = broken.exports()
    again = broken.apply_again()
    broken.run()

    assert {answer["outcome"] for answer in answers} == {"applied"}, answers
    assert {answer["outcome"] for answer in again} <= {"applied", "already_applied"}
    assert broken.exports() == exported
    assert _ids(broken, "status not in ('verified', 'cleared', 'timing')") == set()
    assert roots <= _ids(broken, "status = 'verified'")
    # The copies of the invoices that were made just now arrive within a quarter of an hour.
    late = broken.rows(f"select distinct check_id, break_type from recon.breaks where {_new(before)}")
    assert late == [("K34", "missing_right")]


def _ids(of: Firm, where: str) -> set[str]:
    return {row[0] for row in of.rows(f"select break_id from recon.breaks where {where}")}


def _new(before: set[str]) -> str:
    listed = ", ".join(f"'{one}'" for one in sorted(before))
    return f"break_id not in ({listed})"
