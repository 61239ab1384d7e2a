"""Caps, allocations, terms and accruals: which faults strike them, and what is accrued and reversed."""

from __future__ import annotations

import polars as pl
import pytest

from ingest.sandbox import grow
from ingest.sandbox.ns_accounts import ACCRUED_REVENUE, ACCRUED_TIME, account_id
from ingest.sandbox.ns_accruals import accrued_time
from tests.tieout.verdict import assert_apart

CHECKS = ("K17", "K43", "K47", "K48")


@pytest.mark.long
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
