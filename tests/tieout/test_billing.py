"""Billing: which faults strike what is billed, and what a correction leaves on its way."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from ingest.sandbox import grow
from tests.tieout.exports import Deal, Line, day, write
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_the_contract_asset_of_a_fixed_fee_is_told_beside_a_service_that_is_billed_late(tmp_path: Path) -> None:
    """Of 40,000 earned by June 10,000 are billed and 20,000 planned; 2,000 of the asset are of the service."""
    start, end = dt.date(2025, 1, 1), dt.date(2026, 12, 31)
    lines = (
        Line(1, "Fixed Fee", 100_000, start, end, hours=1_000),
        Line(2, "Managed Service", 24_000, start, end),
    )
    deal = Deal("MIXED", start, end).sign(1, start, *lines).work(1, "2025-06", 400, in_finance=True)
    deal.recognise(1, "2025-06", 40_000).accept(1, "Hand-over", None, 20_000, dt.date(2026, 8, 31))
    for month in [f"2025-{number:02d}" for number in range(1, 13)] + ["2026-01", "2026-02"]:
        deal.recognise(2, month, 1_000)
    deal.invoice(2, day("2025-01-05"), 12_000).invoice(1, day("2025-07-05"), 10_000)
    sides = (("1250", "32000.00"), ("2400", "22000.00"), ("4010", "-54000.00"))
    deal.post("Journal", day("2026-02-28"), *((account, amount, amount) for account, amount in sides))
    account = {"id": "1250", "acctnumber": "1250", "accttype": "OthCurrAsset", "fullname": "Contract assets"}
    more = [{"netsuite.account": [{**account, "isinactive": "F"}]}]
    books = "books:\n  primary: {ratable: month}\n"
    one = Firm(write(tmp_path / "firm", [deal], as_of=dt.date(2026, 3, 31), books=books, more=more))
    one.run()
    balances = "select contract_asset_amount, booked_contract_asset_amount from revenue.balances where is_last_period"
    assert one.rows(balances) == [(32_000, 32_000)]
    ages = "asset_amount, older_amount, planned_amount, unplanned_amount, overdue_amount"
    assert one.rows(f"select {ages} from revenue.contract_asset_ages") == [(30_000, 30_000, 20_000, 10_000, 10_000)]
    told = "select field, cause, abs(variance) from recon.breaks where check_id = 'K61'"
    assert one.rows(told) == [("contract_asset", "no bill planned", 10_000)]
