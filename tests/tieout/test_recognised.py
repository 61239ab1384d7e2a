"""Revenue that the evidence says and revenue that the books have: each difference is a break, found and caught up."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.sandbox.exports import Exports
from ingest.sandbox.handlers.netsuite_schedules import AFTER
from tests.tieout.loop import Correction, Firm
from tests.tieout.verdict import assert_scored, assert_verified, disturbed

CHECKS = ("K44", "K49", "K50", "K51")
MINE = f"check_id in {CHECKS}"

#: Per line: what the page shows as a difference at the last revenue run, and the money of the breaks that tell it;
#: without what the rounding of hours explains. Success fees are asked about by their price (K52).
LINES = f"""
with shown as (
  select obligation_key, currency, any_value(method) as method, max_by(difference_amount, period) as difference,
    greatest(1, coalesce(max(allocated_amount), 0) / 10000) as rounding
  from revenue.line_balances where book = 'primary' and method <> 'success_fee' group by obligation_key, currency
),
told as (
  select json_extract_string(payload, '$.agreement_line_key') as obligation_key, currency, -sum(variance) as difference
  from recon.breaks where {MINE} and status <> 'timing' group by 1, 2
)
select obligation_key, method, coalesce(shown.difference, 0), coalesce(told.difference, 0)
from shown full join told using (obligation_key, currency)
where coalesce(shown.difference, 0) <> coalesce(told.difference, 0)
  and (abs(shown.difference) > rounding or told.difference is not null)
  and coalesce(method, '') not in ('as_charged', 'expense')
"""
#: Per agreement with a difference on what is earned as it is charged: that, and the money of its break.
CHARGED = """
with shown as (
  select agreement_id, currency, sum(difference) as difference
  from (
    select agreement_id, currency, obligation_key, max_by(difference_amount, period) as difference
    from revenue.line_balances where book = 'primary' and coalesce(method, 'as_charged') in ('as_charged', 'expense')
    group by agreement_id, currency, obligation_key
  ) as lines group by agreement_id, currency
),
told as (
  select agreement_id, currency, -sum(variance) as difference
  from recon.breaks where check_id = 'K46' and status <> 'timing' group by agreement_id, currency
)
select agreement_id, shown.difference, told.difference
from shown left join told using (agreement_id, currency)
where abs(shown.difference) > 1 and shown.difference is distinct from told.difference
"""


@pytest.fixture(scope="module")
def exports(never_run: Path) -> Exports:
    return Exports(never_run)


def plan_of(exports: Exports, method: str) -> tuple[str, list[dict[str, Any]]]:
    """An element earned by a method that has posted and planned months, and the lines of its plan."""
    plans = exports.frame("netsuite.revenueplan").filter(
        pl.col("revenueplantype") == "ACTUAL",
        pl.col("recognitionmethod") == method,
        pl.col("statusfordisplay") == "In Progress",
    )
    element = min(plans["createdfrom"].to_list(), key=int)
    return element, lines_of(exports, element)


def lines_of(exports: Exports, element: str) -> list[dict[str, Any]]:
    return exports.find("netsuite.revenueplanplannedrevenue", "revenueplan", f"{element}1")


def look_again(exports: Exports, element: str) -> None:
    exports.update("netsuite.revenueelement", element, {"requiresrevenueplanupdate": False})
    for after in AFTER:
        after(exports)


def test_a_plan_that_is_right_stays_as_it_is(exports: Exports) -> None:
    for method in ("Percent Complete", "Standard"):
        element, before = plan_of(exports, method)
        look_again(exports, element)
        assert lines_of(exports, element) == before


@pytest.mark.parametrize("off", ["-250.00", "120.00"])
def test_what_a_posted_month_lacks_is_a_catch_up_and_the_plan_adds_up(exports: Exports, off: str) -> None:
    element, before = plan_of(exports, "Percent Complete")
    posted = next(line for line in before if line["isrecognized"])
    exports.update("netsuite.revenueplanplannedrevenue", posted["id"], {"amount": posted["amount"] + Decimal(off)})
    look_again(exports, element)
    after = lines_of(exports, element)
    caught_up = [line["amount"] for line in after if line["plannedrevenuetype"] == "Catch-up" and line["amount"]]
    assert caught_up == [-Decimal(off)]
    assert sum(line["amount"] for line in after) == sum(line["amount"] for line in before) + Decimal(off)
    exports.update("netsuite.revenueplanplannedrevenue", posted["id"], {"amount": posted["amount"]})
    look_again(exports, element)
    assert [line["amount"] for line in lines_of(exports, element) if line["plannedrevenuetype"] == "Catch-up"] == [0]


def test_every_difference_of_a_typical_firm_is_told_by_a_break(typical: Firm) -> None:
    assert typical.rows(f"select 1 from recon.breaks where {MINE}") != []
    assert typical.rows(LINES) == []
    assert typical.rows(CHARGED) == []


@pytest.mark.long
def test_faults_of_recognition_are_found_to_the_cent(faulty_books: Firm) -> None:
    assert_scored(faulty_books, of=CHECKS, at_least=10)
    assert faulty_books.rows(LINES) == []


@pytest.mark.long
def test_the_books_follow_what_was_recognised_so_that_no_other_check_sees_it(faulty_books: Firm) -> None:
    """But what is still to be earned (K69): it is the price less the revenue."""
    assert disturbed(faulty_books, CHECKS) == {"K69"}


@pytest.mark.long
def test_catch_ups_in_the_open_month_set_revenue_right(righted_books: Correction) -> None:
    assert_verified(righted_books)
