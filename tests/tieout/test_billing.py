"""Billing: which faults strike what is billed, and what a correction leaves on its way."""

from __future__ import annotations

from collections import Counter

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Correction, Firm
from tests.tieout.verdict import assert_apart, assert_scored, assert_verified

CHECKS = ("K28", "K29", "K30", "K31", "K33", "K34", "K35")
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
    assert_apart(truth)


def test_the_copy_of_an_invoice_posts_and_its_charges_stay_where_they_were() -> None:
    world, truth, _ = grow(size=60, seed=7, faults="typical", only=("invoice_sent_twice",))
    original, copy = (one["id"] for one in truth[0]["expected"][0]["records"])
    charges = Counter(world["netsuite.charge"]["invoice"].to_list())
    assert charges[original] > 0
    assert charges[copy] == 0
    ledger = world["netsuite.transactionaccountingline"]
    assert ledger.filter(ledger["transaction"] == copy)["netamount"].sum() == 0


def test_only_copies_of_invoices_made_just_now_are_still_on_their_way(put_right: Correction) -> None:
    known = ", ".join(f"'{one}'" for one in sorted(put_right.before))
    late = put_right.firm.rows(
        f"select distinct check_id, break_type from recon.breaks where break_id not in ({known})"
    )
    assert late == [("K34", "missing_right")]


@pytest.mark.long
def test_a_fixed_fee_that_waits_for_slipped_milestones_is_told_and_planned_anew(
    routed: Firm, looked_after: Correction
) -> None:
    assert_scored(routed)
    told = routed.rows("""
        select check_id, b.field, b.cause, is_root, a.kind, variance > 0,
            contains(reason, 'plan another day'), (payload ->> '$.milestone_count')::integer
        from recon.breaks as b join recon.actions as a on list_contains(a.breaks, b.break_id) where check_id <> 'K45'
        """)
    ((milestones,),) = routed.rows("select count(*) from recon.break_records where object = 'billing_milestones'")
    assert told == [("K61", "contract_asset", "milestone slipped", True, "ROUTE", True, True, milestones)]
    aged = routed.rows("""
        select bool_and(asset_amount = to_30_amount + to_60_amount + to_90_amount + to_180_amount + older_amount),
            count(*) filter (slipped_amount > 0), count(*) filter (overdue_amount > 0), count(*) > 3
        from revenue.contract_asset_ages
        """)
    assert aged == [(True, 1, 1, True)]
    assert_verified(looked_after)
