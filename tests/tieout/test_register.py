"""The revenue register through the whole pipeline: entries go in; revenue, costs and problems come out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.data import Snapshot
from app.explain import source_row
from app.project import Project
from app.publish import snapshots
from app.revenue_data import Scope, obligations
from tests.tieout.causes import UNCARRIED, UNSUMMED
from tests.tieout.june import rows

pytestmark = pytest.mark.long


def test_a_fixed_fee_is_measured_by_the_cost_that_was_handed_in(june: Project) -> None:
    earned = """
        select period, cumulative_amount, catch_up_amount
        from revenue.recognition inner join marts.agreement using (agreement_id)
        where agreement_number = 'PLANT' and book = '{}' and period_amount <> 0 order by 1
        """
    assert rows(june, earned.format("by_cost")) == [
        ("2026-01", Decimal(60_000), Decimal(0)),
        ("2026-03", Decimal(150_000), Decimal(0)),
        ("2026-05", Decimal(165_000), Decimal(-25_000)),
    ]
    assert rows(june, earned.format("primary")) == [
        ("2026-01", Decimal(30_000), Decimal(0)),
        ("2026-05", Decimal(37_500), Decimal(7_500)),
    ], "where hours measure it, cost is none of its progress, and an estimate in hours is"


def test_a_fixed_fee_of_which_no_cost_is_known_waits(june: Project) -> None:
    waits = """
        select obligation_key, code from revenue.problems inner join marts.agreement using (agreement_id)
        where agreement_number = 'SILENT' and book = 'by_cost' order by period
        """
    assert rows(june, waits) == [("SILENT/1", "no_measure"), ("SILENT/1", "entry_set_aside")]


def test_what_was_billed_before_a_line_could_be_measured_is_in_the_first_position_after_it(june: Project) -> None:
    bridge = """
        select period, cause, amount from revenue.bridges inner join marts.agreement using (agreement_id)
        where agreement_number = 'LATE' and book = 'by_cost' and bridge = 'billing_to_revenue' order by period, place
        """
    assert rows(june, bridge) == [
        ("2026-03", "billed", Decimal(80_000)),
        ("2026-03", "milestone_timing", Decimal(-5_000)),
        ("2026-03", "recognised", Decimal(75_000)),
    ]
    receivable = """
        select period, cause, amount from revenue.movements inner join marts.agreement using (agreement_id)
        where agreement_number = 'LATE' and book = 'by_cost' and roll_forward = 'receivable' and period = '2026-03'
        order by place
        """
    assert rows(june, receivable) == [
        ("2026-03", "invoiced", Decimal(80_000)),
        ("2026-03", "closing", Decimal(80_000)),
    ]


def test_a_commission_is_capitalised_and_amortised(june: Project) -> None:
    costs = """
        select period, cost_name, treatment, opening_amount, capitalised_amount, amortised_amount, impaired_amount,
          closing_amount
        from revenue.contract_costs inner join marts.agreement using (agreement_id)
        where agreement_number = 'SUPPORT' and book = 'primary' and period in ('2026-01', '2026-04', '2026-05')
        order by 1
        """
    commission = "Commission", "capitalise"
    assert rows(june, costs) == [
        ("2026-01", *commission, *map(Decimal, (0, 12_000, 1_000, 0, 11_000))),
        ("2026-04", *commission, *map(Decimal, (9_000, 0, 1_000, 1_600, 6_400))),
        ("2026-05", *commission, *map(Decimal, (6_400, 0, 800, 0, 5_600))),
    ]


def test_an_entry_that_cannot_be_used_is_told(june: Project) -> None:
    told = """
        select agreement_id, obligation_key, period, code, amount, at_fault, message from revenue.problems
        where code in ('unknown_agreement', 'currency_differs') and book = 'primary' order by message
        """
    (foreign, *unknown) = sorted(rows(june, told), key=lambda row: row[3])
    assert foreign[1:] == (
        "EUROS/1", "2026-02", "currency_differs", None, "revenue_register",
        "Entry R-111 (cost) is in EUR, its agreement in another currency",
    )  # fmt: skip
    assert unknown == [
        ("NO-SUCH", "NO-SUCH/1", "2026-03", "unknown_agreement", Decimal(500), "revenue_register",
         "Entry R-109 (cost) is about NO-SUCH, an agreement that no system knows"),
        ("NOWHERE", None, "2026-03", "unknown_agreement", Decimal(700), "revenue_register",
         "Entry R-110 (contract_cost) is about NOWHERE, an agreement that no system knows"),
    ]  # fmt: skip
    figures = "select count(*) from revenue.{} where agreement_id in ('NO-SUCH', 'NOWHERE')"
    for table in ("positions", "obligations", "recognition", "contract_costs"):
        assert rows(june, figures.format(table)) == [(0,)], table


def test_the_page_shows_what_nobody_knows_in_every_scope(june: Project) -> None:
    snapshot = Snapshot.open(snapshots(june)[0])
    try:
        shown = obligations.problems(snapshot, Scope("by_cost", "US01", "USD", "USD", "2026-01", "2026-06"))
        last = "select row_id from revenue.evidence where kind = 'cost' and source_id = 'R-105' and book = 'by_cost'"
        source = source_row(june, snapshot, snapshot.frame(last)["row_id"][0])
    finally:
        snapshot.connection.close()
    assert {"NO-SUCH", "NOWHERE", "EUROS", "SILENT"} <= set(shown["agreement_number"])
    assert source is not None
    assert (source["stream"], source["fields"]["entry_id"]) == ("entries", "R-105"), "an event leads to its entry"


def test_an_entry_of_another_kind_is_set_aside_with_its_reason(june: Project) -> None:
    reasons = """
        select keys.key, violations.rule, violations.message from quarantine.violations as violations
        inner join quarantine.keys as keys using (row_id) where keys.stream = 'entries' order by 1, 2
        """
    found = rows(june, reasons)
    assert [(key, rule) for key, rule, _ in found] == [
        ("R-112", "enum"), ("R-112", "stated_by_exports"), ("R-113", "enum"), ("R-114", "needed"),
        ("R-116", "money"), ("R-116", "needed"),
    ]  # fmt: skip
    assert "would count twice" in found[1][2]
    known = "cost, estimate, accepted, ssp, method, right_to_consideration, contract_cost, impaired"
    assert f"which is none of {known}" in found[2][2]


def test_the_register_is_no_party_to_a_comparison(june: Project) -> None:
    for place in ("raw.watermarks", "recon.break_sides", "crosswalk.links"):
        assert rows(june, f"select count(*) from {place} where connection = 'revenue_register'") == [(0,)], place
    unknown = "select count(*) from marts.agreement where agreement_number in ('NO-SUCH', 'NOWHERE')"
    assert rows(june, unknown) == [(0,)]


def test_the_identities_hold_and_nothing_is_unexplained(june: Project) -> None:
    assert rows(june, "select * from revenue.identity_residuals where of_what = 'recomputed'") == []
    assert rows(june, UNSUMMED) == []
    assert rows(june, UNCARRIED) == []
    unexplained = "select agreement_id, period, amount from revenue.explanations where cause = 'unexplained'"
    assert rows(june, unexplained) == []
