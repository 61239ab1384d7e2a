"""Balances in foreign currency: advances keep their rate, receivables follow the month's end; faults are undone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app import warehouse
from app.project import Project
from ingest.sandbox import grow
from ingest.sandbox.ns_accounts import account_id
from ingest.sandbox.ns_fx import DEFERRED, balances, standing
from tests.tieout.loop import Correction, Firm
from tests.tieout.verdict import assert_apart, assert_scored, assert_verified, disturbed

CHECKS = ("K64",)


def rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with warehouse.opened(project) as con:
        return con.execute(query).fetchall()


@pytest.mark.long
def test_an_advance_keeps_its_rate_and_the_rest_takes_that_of_its_month(march: Firm) -> None:
    found = """
        select recognition.period, period_amount, functional_amount, functional_currency
        from revenue.recognition inner join marts.agreement using (agreement_id)
        where agreement_number = 'REST' and book = 'primary' and period_amount <> 0
        """
    assert rows(march.project, found) == [("2026-02", Decimal(100_000), Decimal(110_800), "USD")]


@pytest.mark.long
def test_deferred_revenue_stands_at_the_rate_of_its_invoice_and_receivables_at_the_month_end(march: Firm) -> None:
    found = """
        select account_role, agreement_number, balance_amount, max(case side when 'policy' then worth_amount end),
          max(case side when 'ledger' then worth_amount end), bool_and(is_asked)
        from intermediate.fx_balances group by all order by all
        """
    assert rows(march.project, found) == [
        ("AR", None, Decimal(40_000), Decimal(46_000), Decimal(46_000), True),
        ("CL", "ADVANCE", Decimal(30_000), Decimal(33_000), Decimal(33_000), True),
        ("CL", "SPOILT", Decimal(30_000), Decimal(33_000), Decimal(34_500), True),
    ]


@pytest.mark.long
def test_a_revaluation_of_deferred_revenue_is_a_break(march: Firm) -> None:
    found = "select agreement_number, break_type, variance, currency from recon.breaks where check_id = 'K64'"
    assert rows(march.project, found) == [("SPOILT", "fx", Decimal(1_500), "USD")]


@pytest.mark.long
def test_a_typical_firm_has_faults() -> None:
    _, truth, _ = grow(size=60, seed=7, faults="typical", only=CHECKS)
    assert_apart(truth)


def test_the_clean_firm_revalues_what_is_money_and_leaves_deferred_revenue_at_its_layers() -> None:
    world, _, _ = grow(size=60, seed=1)
    held = standing(world)
    money, deferred = held.filter(pl.col("account") != DEFERRED), held.filter(pl.col("account") == DEFERRED)
    assert (money["in_books"] == money["at_close"]).all()
    assert deferred.filter(pl.col("document") == 0, pl.col("in_books") != 0).is_empty()
    heads = world["netsuite.transaction"].filter(pl.col("type") == "FxReval")
    undone = heads.filter("isreversal").join(heads, left_on="reversal", right_on="id", suffix="_made")
    assert (undone["trandate"] - undone["trandate_made"]).dt.total_days().unique().to_list() == [1]
    ledger = world["netsuite.transactionaccountingline"].filter(pl.col("transaction").is_in(heads["id"].implode()))
    sums = ledger.group_by("transaction").agg(pl.col("amount").sum())
    assert (sums["amount"] == 0).all()
    temporary = heads.filter(~pl.col("memo").str.starts_with("Realized"))["id"].implode()
    kept = ledger.filter(pl.col("account") == account_id(DEFERRED), pl.col("transaction").is_in(temporary))
    assert kept.is_empty()
    assert balances(world).height > 0


#: Revenue of a month in the currency of the books, where evidence and books say another amount.
UNTIED = """
with computed as (
  select agreement_id, period, sum(functional_amount) as amount from revenue.recognition
  where book = 'primary' and functional_currency is not null group by all
),
booked as (
  select agreement_id, period, sum(functional_amount) as amount from intermediate.int_revenue_line__claims
  where status = 'posted' and currency <> functional_currency group by all
)
select agreement_id, period, computed.amount, booked.amount from booked left join computed using (agreement_id, period)
"""


def test_revenue_at_the_rates_of_its_layers_is_what_the_books_of_a_clean_firm_have(faultless_firm: Path) -> None:
    found = rows(Project.load(faultless_firm), UNTIED)
    assert found
    assert [row for row in found if row[2] is None or abs(row[2] - row[3]) > Decimal("0.05")] == []


@pytest.mark.long
def test_faults_of_revaluation_are_found_to_the_cent(faulty_books: Firm) -> None:
    assert_scored(faulty_books, of=CHECKS, at_least=3)
    assert disturbed(faulty_books, CHECKS) == set()


@pytest.mark.long
def test_revaluations_run_again_leave_nothing(righted_books: Correction) -> None:
    assert_verified(righted_books)
