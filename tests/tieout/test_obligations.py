"""Caps, allocations, terms and accruals: faults are found to the cent, set right, and stay right."""

from __future__ import annotations

import polars as pl
import pytest

from ingest.sandbox import grow
from ingest.sandbox.ns_accounts import ACCRUED_REVENUE, ACCRUED_TIME, account_id
from ingest.sandbox.ns_accruals import accrued_time
from tests.tieout.loop import Firm, corrected, firm
from tests.tieout.verdict import assert_apart, assert_scored, assert_verified

CHECKS = ("K17", "K43", "K47", "K48")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    made = firm(tmp_path_factory.mktemp("obligations") / "firm", *CHECKS, seed=7, size=60)
    made.run()
    return made


def test_every_check_has_faults_in_a_typical_firm() -> None:
    _, truth, _ = grow(size=60, seed=7, faults="typical", only=CHECKS)
    assert {want["check"] for row in truth for want in row["expected"]} == set(CHECKS)
    assert_apart(truth)


def test_unapproved_time_is_accrued_by_project_and_reversed_the_next_day() -> None:
    world, _, _ = grow(size=40, seed=11)
    accounts = [account_id(ACCRUED_TIME), account_id(ACCRUED_REVENUE)]
    ledger = world["netsuite.transactionaccountingline"].filter(pl.col("account").is_in(accounts))
    heads = world["netsuite.transaction"].filter(pl.col("id").is_in(ledger["transaction"].implode()))
    made = heads.filter(pl.col("isreversal").not_()).sort("id")
    undone = heads.filter("isreversal").sort("reversal")
    assert made["id"].to_list() == undone["reversal"].to_list()
    assert made["reversal"].to_list() == undone["id"].to_list()
    assert (undone["trandate"] - made["trandate"]).dt.total_days().to_list() == [1] * made.height
    by_account = ledger.group_by("account").agg(pl.col("amount").sum())["amount"].to_list()
    assert [amount == 0 for amount in by_account] == [True, True]
    lines = world["netsuite.transactionline"].filter(pl.col("transaction").is_in(made["id"].implode()))
    debits = lines.filter(pl.col("foreignamount") > 0)
    assert debits.select("transaction", "entity").is_unique().all()
    assert (debits["foreignamount"].sum() * 100, debits.height) == (
        accrued_time(world)["worth"].sum(), accrued_time(world).height
    )  # fmt: skip


@pytest.mark.long
def test_faults_of_obligations_are_found_to_the_cent(faulty: Firm) -> None:
    assert_scored(faulty, at_least=7)


@pytest.mark.long
def test_time_that_earned_beyond_its_cap_hangs_under_the_cap(faulty: Firm) -> None:
    hanging = faulty.rows(
        "select distinct b.check_id, r.check_id from recon.breaks as b join recon.breaks as r "
        "on r.break_id = b.root_id where not b.is_root and b.check_id = 'K46'"
    )
    assert hanging == [("K46", "K47")]


@pytest.mark.long
def test_approved_corrections_leave_nothing_standing(faulty: Firm) -> None:
    assert_verified(corrected(faulty))
