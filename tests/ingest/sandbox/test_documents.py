"""Single documents after the fact: copies, manual journals, changed lines, withdrawals and catch-ups keep the books."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ingest.sandbox import feedback, kantata, netsuite, salesforce
from ingest.sandbox.firm import Firm
from ingest.sandbox.ns_accounts import AS_CHARGED
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.ns_documents import (
    Posting,
    add_to_plans,
    append,
    copied,
    manual_journal,
    post,
    retotalled,
    withdraw,
)
from ingest.sandbox.ns_ids import FREE
from ingest.sandbox.world import World

_BILLED = (salesforce.sell, kantata.deliver, netsuite.integrate, netsuite.bill)


@pytest.fixture
def world() -> World:
    world = World(Firm(size=40, seed=1))
    for stage in (*_BILLED, netsuite.recognise, feedback.copy):
        stage(world)
    return world


def unbalanced(world: World) -> pl.DataFrame:
    posted = world["netsuite.transaction"].filter("posting")["id"]
    lines = world["netsuite.transactionline"].filter(pl.col("transaction").is_in(posted.implode()))
    sums = lines.group_by("transaction").agg(pl.col("foreignamount", "netamount").sum())
    ledger = world["netsuite.transactionaccountingline"].group_by("transaction").agg(pl.col("amount").sum())
    table = sums.join(ledger, on="transaction", how="full")
    return table.filter(pl.sum_horizontal(pl.col("foreignamount", "netamount", "amount").abs()) != 0)


def biggest(world: World) -> dict[str, object]:
    invoices = world["netsuite.transaction"].filter(pl.col("type") == "CustInvc")
    return invoices.sort("foreigntotal", "id").row(-1, named=True)


def plan_lines(world: World, element: str) -> pl.DataFrame:
    plan = world["netsuite.revenueplan"].filter(pl.col("createdfrom") == element, pl.col("revenueplantype") == "ACTUAL")
    lines = world["netsuite.revenueplanplannedrevenue"].filter(pl.col("revenueplan") == plan["id"][0])
    return lines.with_columns(worth=hundredths("amount"))


def test_a_copied_invoice_posts_once_more(world: World) -> None:
    ledger = world["netsuite.transactionaccountingline"].height
    invoice = str(biggest(world)["id"])
    append(world, copied(world, invoice, FREE + 1, world.as_of() - dt.timedelta(days=1)))
    post(world, [str(FREE + 1)])
    lines = world["netsuite.transactionline"].filter(pl.col("transaction") == invoice).height
    assert world["netsuite.transactionaccountingline"].height == ledger + lines
    assert not world["netsuite.transactionline"]["uniquekey"].is_duplicated().any()
    assert unbalanced(world).is_empty()


def test_a_manual_journal_balances_or_is_refused(world: World) -> None:
    on = world.as_of() - dt.timedelta(days=1)
    postings = [Posting("2400", 12_000_00), Posting("2300", -12_000_00)]
    append(world, manual_journal(world, FREE + 2, on, "3", "1", postings, memo="Deposit"))
    assert unbalanced(world).is_empty()
    ledger = world["netsuite.transactionaccountingline"].filter(pl.col("transaction") == str(FREE + 2))
    assert ledger.height == 2
    with pytest.raises(ValueError, match="differ by 1"):
        manual_journal(world, FREE + 3, on, "2", "1", [Posting("2400", 1)], memo="One-sided")


def test_a_changed_line_retotals_its_invoice(world: World) -> None:
    before = biggest(world)
    line = (pl.col("transaction") == before["id"]) & (pl.col("id") == "1")
    raised = money(hundredths("foreignamount") - 100_00)
    world["netsuite.transactionline"] = world["netsuite.transactionline"].with_columns(
        foreignamount=pl.when(line).then(raised).otherwise("foreignamount")
    )
    retotalled(world, [str(before["id"])])
    post(world, [str(before["id"])])
    after = world["netsuite.transaction"].filter(pl.col("id") == before["id"]).row(0, named=True)
    assert after["foreigntotal"] - before["foreigntotal"] == 100
    assert after["foreignamountunpaid"] - before["foreignamountunpaid"] == 100
    assert unbalanced(world).is_empty()


def test_a_withdrawn_invoice_leaves_its_charges_ready() -> None:
    world = World(Firm(size=40, seed=1))
    for stage in _BILLED:
        stage(world)
    charges = world["netsuite.charge"]
    invoice = charges["invoice"].drop_nulls()[0]
    withdraw(world, [invoice])
    freed = world["netsuite.charge"].filter(pl.Series(charges["invoice"] == invoice).fill_null(False))
    assert set(freed["stage"]) == {"Ready"}
    assert freed["invoice"].is_null().all()
    netsuite.recognise(world)
    assert unbalanced(world).is_empty()


def test_a_catch_up_lands_in_the_open_month(world: World) -> None:
    elements = world["netsuite.revenueelement"].filter(pl.col("revenuerecognitionrule") == AS_CHARGED)
    element = elements["id"][0]
    planned = plan_lines(world, element)["worth"].sum()
    for _ in range(2):
        add_to_plans(world, pl.DataFrame({"element": [element], "worth": [123_45]}))
    lines = plan_lines(world, element)
    assert lines["worth"].sum() == planned + 2 * 123_45
    caught = lines.filter(pl.col("plannedrevenuetype") == "Catch-up")
    assert caught.select("plannedperiod", "isrecognized").rows() == [("202603", False)]
