"""What projects cost in the sandbox's ledger: labour of own staff, bills of suppliers, accruals of bills to come."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.sandbox import grow
from ingest.sandbox.call import Call, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.handlers.netsuite_journals import HANDLERS
from ingest.sandbox.ns_accounts import ACCRUED_BILLS, LABOUR_ABSORBED, LABOUR_COST, PAYABLE, account_id
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_costs import accruals, bills, labour, project_costs
from ingest.sandbox.ns_links import suppliers
from ingest.sandbox.world import World

_PATH = "/services/rest/record/v1/journalEntry"


@pytest.fixture(scope="module")
def world() -> World:
    return grow(size=60, seed=3)[0]


def posted(world: World, number: str) -> pl.DataFrame:
    """Lines of an account with header and what they are in the books, in hundredths."""
    ledger = world["netsuite.transactionaccountingline"].filter(pl.col("account") == account_id(number))
    lines = world["netsuite.transactionline"].select("transaction", "entity", "foreignamount", transactionline="id")
    heads = world["netsuite.transaction"].select(
        "type", "entity", "isreversal", "foreigntotal", "trandate", transaction="id"
    )
    rows = ledger.join(lines, on=["transaction", "transactionline"]).join(heads, on="transaction", suffix="_head")
    return rows.with_columns(worth=hundredths("foreignamount"), in_base=hundredths("amount"))


def test_every_document_of_cost_balances_in_its_currency_and_in_the_books(world: World) -> None:
    costs = pl.concat([posted(world, LABOUR_COST), posted(world, PAYABLE), posted(world, ACCRUED_BILLS)])
    mine = costs["transaction"].unique().implode()
    lines = world["netsuite.transactionline"].filter(pl.col("transaction").is_in(mine))
    ledger = world["netsuite.transactionaccountingline"].filter(pl.col("transaction").is_in(mine))
    assert lines["foreignamount"].sum() == 0
    assert ledger.group_by("transaction").agg(pl.col("amount").sum()).filter(pl.col("amount") != 0).is_empty()
    assert world["netsuite.transactionline"]["uniquekey"].is_unique().all()
    assert world["netsuite.transaction"]["id"].is_unique().all()


def test_own_staff_is_in_labour_journals_and_the_people_of_suppliers_are_not(world: World) -> None:
    rows = project_costs(world)
    supplied = suppliers(world)
    assert 0.05 < supplied.height / world["kantata.users"].height < 0.4
    assert posted(world, LABOUR_COST)["worth"].sum() == labour(rows)["worth"].sum()
    assert posted(world, LABOUR_ABSORBED)["worth"].sum() == -labour(rows)["worth"].sum()
    outside = rows.filter(pl.col("supplier").is_not_null())
    assert set(outside["supplier"]) <= set(supplied["supplier"])
    assert bills(rows).height + accruals(rows).height == outside.height


def test_a_supplier_sends_one_bill_a_company_currency_and_month(world: World) -> None:
    rows, owed = bills(project_costs(world)), posted(world, PAYABLE)
    assert set(owed["type"]) == {"VendBill"}
    assert owed["entity"].to_list() == owed["entity_head"].to_list()
    assert owed.filter(-pl.col("worth") != hundredths("foreigntotal")).is_empty()
    keys = rows.group_by("transaction").agg(pl.col("supplier", "subsidiary", "currency", "month").n_unique())
    assert keys.drop("transaction").unique().row(0) == (1, 1, 1, 1)


def test_bills_of_the_last_month_that_have_not_come_are_accrued_and_reversed(world: World) -> None:
    late, owed = accruals(project_costs(world)), posted(world, ACCRUED_BILLS)
    assert late["month"].unique().to_list() == [2026 * 12 + 1]
    there, back = owed.filter(~pl.col("isreversal")), owed.filter("isreversal")
    assert there["worth"].sum() == -late["worth"].sum() == -back["worth"].sum()
    assert set(there["trandate"]) == {dt.date(2026, 2, 28)}
    assert set(back["trandate"]) == {dt.date(2026, 3, 1)}


def play(exports: Exports, period: str, **more: Any) -> str | None:
    lines = [
        {"account": {"id": account_id(LABOUR_COST)}, "debit": 100, "custcol_supplier": "7000004"},
        {"account": {"id": account_id(LABOUR_ABSORBED)}, "credit": 100},
    ]
    body = {
        "externalId": "TIE-1", "subsidiary": {"id": "2"}, "currency": {"id": "1"}, "tranDate": "2025-06-30",
        "postingPeriod": {"id": period}, "line": {"items": lines}, **more,
    }  # fmt: skip
    handler = HANDLERS[0]
    return handler.play(exports, Call("POST", _PATH, {}, body, {"target": {"connection": "netsuite"}}))


def test_a_journal_that_names_its_period_keeps_its_own_date(never_run: Path) -> None:
    exports = Exports(never_run)
    number = str(play(exports, "202602"))
    head = exports.must("netsuite.transaction", number)
    assert (head["trandate"], head["postingperiod"]) == (dt.date(2025, 6, 30), "202602")
    lines = exports.find("netsuite.transactionline", "transaction", number)
    assert [line["custcol_supplier"] for line in lines] == ["7000004", None]
    assert play(exports, "202602") == number


def test_a_journal_is_refused_where_the_period_it_names_is_closed(never_run: Path) -> None:
    with pytest.raises(Refused, match="closed"):
        play(Exports(never_run), "202506")
