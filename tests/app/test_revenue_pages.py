"""The pages on revenue and balances: their figures, the way from a bar to its rows, and what they say when empty."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app import charts
from app.data import Snapshot
from app.project import Project
from app.publish import snapshots
from app.revenue_data import (
    Scope,
    backlog,
    balances,
    bridges,
    differences,
    disclosures,
    estimates,
    obligations,
    releases,
    rolls,
    scope,
)
from tests.app.opened import opened
from tests.app.revenue_world import CLOSED, PERIODS, RUN

PAGES = ("revenue", "balances", "bridges", "backlog")


@pytest.fixture(scope="module")
def firm(revenue_world: Path) -> Path:
    return revenue_world


@pytest.fixture(scope="module")
def snapshot(firm: Path) -> Snapshot:
    return Snapshot.open(snapshots(Project.load(firm))[0])


@pytest.fixture
def everything() -> Scope:
    """All months of all entities in base currency."""
    return Scope("primary", "", "", "USD", PERIODS[0], PERIODS[-1])


def texts(test: AppTest) -> str:
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.success, test.info, test.warning, test.error)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def tiles(test: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in test.metric}


def amounts(frame: pl.DataFrame, key: str = "cause") -> dict[str, Decimal]:
    return {row[key]: row["amount"].normalize() + 0 for row in frame.iter_rows(named=True)}


# --- figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", PERIODS)
@pytest.mark.parametrize("name", rolls.ROLLS)
def test_opening_and_causes_are_closing_and_closing_is_the_balance(
    snapshot: Snapshot, everything: Scope, name: str, first: str
) -> None:
    roll, view = rolls.ROLLS[name], everything.of(first=first)

    bars = amounts(rolls.moved(snapshot, view, roll))

    closing = bars.pop(rolls.CLOSING)
    assert sum(bars.values()) == closing == rolls.standing(snapshot, view, roll)["amount"]
    assert rolls.unexplained(snapshot, view, roll) == 0


def test_the_backlog_says_what_moved_it_and_what_exchange_rates_did(snapshot: Snapshot, everything: Scope) -> None:
    bars = amounts(rolls.moved(snapshot, everything.of(first="2026-01"), rolls.ROLLS["backlog"]))

    # SOW-2 stood at EUR 39,000 worth 1.10 in December; it closes at EUR 17,000 worth 1.15.
    assert bars == {
        "opening": Decimal(90_000 + 22_000) + Decimal(42_900),
        "upsell": 30_000,
        "revenue": -(50_000 + 6_000) - Decimal("1.20") * 21_000 - Decimal("1.15") * 1_000,
        "translation": Decimal("0.10") * 39_000 - Decimal("0.05") * 18_000,
        "closing": 70_000 + 16_000 + Decimal("1.15") * 17_000,
    }


def test_months_of_one_agreement_are_in_its_currency(snapshot: Snapshot, everything: Scope) -> None:
    own = everything.of(currency="EUR", first="2026-02")

    months = rolls.moved_months(snapshot, own, rolls.ROLLS["unbilled"], "A-SOW-2")

    assert months.select("period", "opening", "recognised", "billed", "closing").rows() == [
        ("2026-02", 9_000, 12_000, -9_000, 12_000),
        ("2026-03", 12_000, 1_000, None, 13_000),
    ]


def test_what_is_unbilled_is_the_latest_work(snapshot: Snapshot, everything: Scope) -> None:
    aged = balances.ages_of_unbilled(snapshot, everything.of(currency="EUR"))

    assert aged.select("kind", "age", "amount").rows() == [
        ("unbilled_receivable", "0-30", 1_000),
        ("unbilled_receivable", "31-60", 12_000),
    ]


def test_a_contract_asset_is_aged_apart_from_what_only_waits_for_its_invoice(
    snapshot: Snapshot, everything: Scope
) -> None:
    aged = balances.ages_of_unbilled(snapshot, everything.of(last="2026-01"))

    # SOW-1 earned 60,000 of its fixed fee by January and billed 40,000; SOW-2 waits for an invoice of EUR 9,000.
    assert aged.select("agreement_id", "kind", "age", "amount").rows() == [
        ("A-SOW-1", "contract_asset", "0-30", 20_000),
        ("A-SOW-2", "unbilled_receivable", "0-30", Decimal("1.20") * 9_000),
    ]


def test_the_bars_of_what_is_unbilled_lead_to_one_kind_of_it(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(
        firm, "balances", monkeypatch, shown="Age of unbilled", period="2026-01", age="0-30 days: contract asset"
    )

    (bars,) = (one.value for one in test.dataframe if "What" in one.value.columns)
    assert bars["What"].to_list() == ["0-30 days: unbilled receivable", "0-30 days: contract asset"]
    assert test.session_state["exported-balances-agreements"].select("agreement_number", "amount").rows() == [
        ("SOW-1", 20_000)
    ]


@pytest.mark.parametrize("name", bridges.BRIDGES)
def test_a_bridge_leaves_nothing_unexplained(snapshot: Snapshot, everything: Scope, name: str) -> None:
    shown = bridges.BRIDGES[name]

    bars = amounts(bridges.bridge(snapshot, everything, name))

    assert sum(amount for cause, amount in bars.items() if cause != shown.end) == bars[shown.end]
    assert bridges.unexplained(snapshot, everything, name) == 0


def test_the_agreements_behind_a_bar_add_up_to_it(snapshot: Snapshot, everything: Scope) -> None:
    for roll in rolls.ROLLS.values():
        for bar in rolls.moved(snapshot, everything, roll).iter_rows(named=True):
            found = rolls.moved_agreements(snapshot, everything, roll, bar["cause"])
            assert sum(found["amount"], Decimal(0)) == bar["amount"]
            assert found.height == bar["agreements"]


def test_books_are_compared_until_the_last_revenue_run(snapshot: Snapshot, everything: Scope) -> None:
    assert scope.closed_upto(snapshot) == CLOSED

    months = obligations.months(snapshot, everything, "A-SOW-2", "SOW-2/1", "as_charged")

    assert months.select("period", "delivered", "billed", "booked", "should_be", "difference").rows()[3:] == [
        ("2026-02", 12_000, 9_000, 10_000, 12_000, 2_000),
        ("2026-03", 1_000, 0, None, 1_000, None),
    ]


def test_a_currency_without_a_rate_is_named_not_added(snapshot: Snapshot, everything: Scope) -> None:
    assert scope.rateless(snapshot, everything) == []
    assert scope.rateless(snapshot, everything.of(base="GBP")) == ["EUR", "USD"]


# --- pages -------------------------------------------------------------------------------------------------------


def test_the_list_of_obligations_leads_with_differences(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "revenue", monkeypatch, difference="Differing")

    exported = test.session_state["exported-obligations"]
    assert exported["obligation_key"].to_list() == ["SOW-2/1"]
    assert tiles(test)["Differ from the books"] == "1"
    assert "Compared at the end of 2026-02" in texts(test)


def test_an_obligation_shows_the_sum_the_rule_and_the_decision_behind_a_month(
    firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(firm, "revenue", monkeypatch, agreement="A-SOW-1", obligation="SOW-1/1", month="2026-01")

    said = texts(test).replace(r"\$", "$")
    assert test.title[0].value == "SOW-1/1"
    assert "400.00 of 1,000.00 done, of a price of $150,000.00" in said
    assert "$60,000.00 to date − $30,000.00 before = **$30,000.00**" in said
    assert "**Rule**: 606-10-55-17" in said
    assert "Version 2, 1 Jan 2026 · Cumulative catch-up" in said
    assert "More hours of the same work are not distinct" in said
    assert tiles(test)["Effect in 2026-01"] == "+$4,000.00"


def test_a_suspended_obligation_says_what_to_do(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "revenue", monkeypatch, agreement="A-SOW-4", obligation="SOW-4/1")

    shown = next(one.value for one in test.dataframe if "advice" in one.value.columns)
    assert shown["advice"].to_list() == ["Choose a method for the line"]
    assert "Nothing has happened yet" in texts(test)


def test_a_sum_of_time_leads_to_its_entries(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "revenue", monkeypatch, agreement="A-SOW-1", obligation="SOW-1/1", month="2026-02")

    source = next(one for one in test.selectbox if one.label == "Source of")
    source.set_value(next(index for index, text in enumerate(source.options) if "Worked" in text)).run()

    assert "This is the sum of 10 records that count in 2026-02: what finance received before its cut-off" in texts(
        test
    )
    listed = next(one.value for one in test.dataframe if "received_on" in one.value.columns)
    assert [*listed["source_id"]] == [str(number) for number in range(71, 81)]  # 71 of January, 81 came too late
    assert sum(listed["hours"]) == 100


def test_a_sum_of_time_is_made_of_its_kind_of_entries_only(own_world: Path) -> None:
    """Submitted work stands in its month until its approval counts there; a correction is a sum of its own."""
    path = snapshots(Project.load(own_world))[0]
    with duckdb.connect(str(path)) as con:
        con.execute(
            """
            update marts.agreement_line set billing_type = 'tm';
            insert into marts.invoice values ('CM-1', 'credit', true, 'Hours_Rejected', 'A-SOW-1');
            create temp table more as select * from marts.time_entry where source_id = '72';
            insert into marts.time_entry select * replace ('waiting' as source_id, 'submitted' as state,
                null as posting_period, null as approved_period) from more;
            insert into marts.time_entry select * replace ('late' as source_id, '2026-03' as posting_period,
                '2026-03' as approved_period) from more;
            insert into marts.time_entry select * replace ('other project' as source_id, 'P-2' as project_id,
                '2026-03' as posting_period, '2026-03' as approved_period) from more;
            insert into marts.time_entry select * replace ('not billable' as source_id, false as is_billable) from more;
            insert into marts.time_entry select * replace ('correction' as source_id, 'adjustment' as kind,
                -1500 as value_amount, 'CM-9' as credit_ref) from more;
            insert into marts.time_entry select * replace ('credited' as source_id, 'adjustment' as kind,
                -1500 as value_amount, 'CM-1' as credit_ref) from more;
            """
        )
    event = {
        "object": "int_time_entry__valued", "obligation_key": "SOW-1/1", "period": "2026-02", "currency": "EUR",
        "standing": None, "is_adjustment": False, "project_id": None,
    }  # fmt: skip
    snapshot = Snapshot.open(path)

    def listed(**kind: Any) -> list[str]:
        return obligations.entries(snapshot, event | kind)["source_id"].to_list()

    assert sorted(listed()) == [str(number) for number in range(71, 81)]
    assert listed(standing="submitted", project_id="P-1") == ["late", "waiting"]
    assert listed(is_adjustment=True) == ["correction"]
    correction = obligations.entries(snapshot, event | {"is_adjustment": True})
    assert correction.select("hours", "amount", "currency").rows() == [(None, -1_500, "EUR")]


def test_a_bar_of_the_address_shows_its_agreements_and_one_its_rows(
    firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(firm, "backlog", monkeypatch, bar="Upsell", agreement="A-SOW-1")

    assert test.session_state["exported-backlog-agreements"]["agreement_number"].to_list() == ["SOW-1"]
    said = texts(test)
    assert "SOW-1 · Acme" in said
    assert "Billed \\$80,000.00 + unbilled receivable \\$0.00 − recognised \\$80,000.00" in said
    assert "LINK revenue Its obligations" in said


def test_a_click_on_a_bar_sets_the_selector(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {"chart": {"selection": {"bar": [{"key": "revenue"}]}}, "bar": "closing"}
    monkeypatch.setattr(charts.st, "session_state", state)

    charts._chooser("chart", "bar", {"revenue": "Revenue", "closing": "Closing"})()
    assert state["bar"] == "revenue"

    state["chart"] = {"selection": {"bar": [{"key": "nothing we know"}]}}
    charts._chooser("chart", "bar", {"revenue": "Revenue"})()
    assert state["bar"] == "revenue"


def test_deferred_revenue_is_listed_by_the_month_of_its_release(
    snapshot: Snapshot, everything: Scope, firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    february = everything.of(last="2026-02")
    bars = amounts(releases.bars(snapshot, february), "bar")
    assert bars == {**{f"2026-{month:02d}": 2_000 for month in range(3, 12)}, "undated": 5_000}
    assert sum(bars.values()) == rolls.standing(snapshot, february, rolls.ROLLS["deferred"])["amount"]

    test = opened(
        firm, "balances", monkeypatch, shown="Release of deferred", period="2026-02", release="No month",
        agreement="A-SOW-1",
    )  # fmt: skip

    said = texts(test).replace(r"\$", "$")
    assert "$23,000.00 in all: $18,000.00 within twelve months; no month $5,000.00" in said
    assert test.session_state["exported-balances-agreements"].select("agreement_number", "amount").rows() == [
        ("SOW-1", 5_000)
    ]
    assert "SOW-1 · Acme" in said
    months = test.session_state["exported-release-months"]
    assert months.select("month", "amount", "left").rows()[-2:] == [
        ("2026-11", 2_000, 5_000), ("No month", 5_000, 0),
    ]  # fmt: skip


def test_months_after_a_year_are_one_bar_and_a_currency_is_its_own(
    own_world: Path, everything: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(snapshots(Project.load(own_world))[0])) as con:
        con.execute("update revenue.deferred_releases set is_within_year = false where release_period > '2026-09'")

    test = opened(own_world, "balances", monkeypatch, shown="Release of deferred", release="Later")

    assert "$16,000.00 in all: $12,000.00 within twelve months; later $4,000.00" in texts(test).replace(r"\$", "$")
    assert test.session_state["exported-balances-agreements"].select("agreement_number", "amount").rows() == [
        ("SOW-3", 4_000)
    ]
    euros = opened(own_world, "balances", monkeypatch, shown="Release of deferred", currency="EUR")
    assert euros.subheader[-1].value == "Nothing is deferred"


def test_a_run_from_before_the_release_was_planned_says_so(own_world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(snapshots(Project.load(own_world))[0])) as con:
        con.execute("drop table revenue.deferred_releases")

    test = opened(own_world, "balances", monkeypatch, shown="Release of deferred")

    assert test.subheader[-1].value == "This run does not know when deferred revenue is earned"


def test_the_notes_have_balances_at_both_ends_and_revenue_that_is_disclosed_apart(
    snapshot: Snapshot, everything: Scope, firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter = everything.of(first="2026-01")

    # SOW-2 has EUR 10,000 of receivables and 11,000 unbilled at 1.10; 30,000 and 13,000 at 1.15 in the end.
    assert disclosures.balances(snapshot, quarter).rows() == [
        ("receivable", 40_000 + 24_000 + 11_000, 40_000 + 24_000 + 34_500, 23_500),
        ("unbilled_receivable", 12_100, 14_950, 2_850),
        ("contract_asset", 0, 0, 0),
        ("contract_liability", 10_000 + 22_000, 16_000, -16_000),
    ]
    # SOW-1 earns 50,000, and had 10,000 deferred; SOW-3 earns 6,000, and had 22,000.
    assert disclosures.revenue(snapshot, quarter).rows() == [
        ("A-SOW-1", "deferred", 10_000), ("A-SOW-1", "earlier", 4_000), ("A-SOW-3", "deferred", 6_000),
    ]  # fmt: skip
    nothing_before = disclosures.revenue(snapshot, everything)
    assert nothing_before.rows() == [("A-SOW-1", "earlier", 4_000)]
    assert dict(disclosures.remaining(snapshot, quarter).rows())["rpo_next_12"] == 70_000 + 19_550 + 16_000

    test = opened(firm, "balances", monkeypatch, **{"shown": "Notes", "from": "2026-01"})

    assert tiles(test)["Revenue that was deferred at the beginning"].replace("\\", "") == "$16,000.00"
    assert tiles(test)["Revenue from work of earlier months"].replace("\\", "") == "$4,000.00"
    assert test.session_state["exported-balances-agreements"].select("agreement_number", "amount").rows() == [
        ("SOW-1", 10_000), ("SOW-3", 6_000),
    ]  # fmt: skip


def test_what_entities_owe_each_other_is_listed_by_pair_and_project(
    firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(firm, "balances", monkeypatch, shown="Between entities", period="2026-02")

    pairs = test.session_state["exported-intercompany-pairs"]
    assert pairs.select("performing_entity", "contracting_entity", "hours", "due", "payable", "difference").rows() == [
        ("UK", "US", 400, 40_000, 39_500, 500),
        ("DE", "US", 8, 0, 0, 0),
    ]
    said = texts(test).replace(r"\$", "$")
    assert "On consolidation: £39,500.00 eliminate, £500.00 stays; 8.00 hours have no rate" in said
    behind = test.session_state["exported-intercompany-projects"]
    assert behind.select("period", "agreement_number", "hours", "due", "receivable", "payable").rows() == [
        ("2026-02", "SOW-1", 100, 10_000, 10_000, 9_500)
    ]
    nobody = opened(firm, "balances", monkeypatch, shown="Between entities", period="2026-02", currency="EUR")
    assert nobody.subheader[-1].value == "Nobody worked for another entity"


def test_costs_of_agreements_are_listed_with_what_is_left_of_them(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "balances", monkeypatch, shown="Costs of agreements", period="2026-02", **{"from": "2025-11"})

    found = test.session_state["exported-contract-costs"]
    columns = ("cost_name", "treatment", "incurred", "opening", "capitalised", "amortised", "closing")
    assert found.select("agreement_number", *columns).rows() == [
        ("SOW-3", "commission", "Capitalise", 1_200, 0, 1_200, 300, 900),
        ("SOW-3", "journey", "Expense", 300, 0, 0, 0, 0),
    ]
    assert r"Left at the end of 2026-02: \$900.00" in texts(test)


def test_costs_of_agreements_are_a_view_where_there_are_any(
    firm: Path, own_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Costs of agreements" in opened(firm, "balances", monkeypatch).segmented_control[0].options
    euro = opened(firm, "balances", monkeypatch, currency="EUR")
    with duckdb.connect(str(own_world / ".tieout" / "published" / f"{RUN}.duckdb")) as con:
        con.execute("drop table revenue.contract_costs")
    before = opened(own_world, "balances", monkeypatch)

    for test in (euro, before):
        assert "Costs of agreements" not in test.segmented_control[0].options


@pytest.mark.parametrize("shown", ["Deferred", "Unbilled", "Receivable", "Age of unbilled", "Beside the books"])
def test_every_view_of_balances_opens(firm: Path, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "balances", monkeypatch, shown=shown)

    assert tiles(test)["Receivable, end of 2026-03"] == "$98.5k"
    assert not test.error


def test_the_books_stand_beside_what_should_be(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "balances", monkeypatch, shown="Beside the books", currency="EUR")

    compared = next(one.value for one in test.dataframe if "balance" in one.value.columns).set_index("balance")
    assert compared.loc["Recognised to date", "difference"] == 2_000
    assert compared.loc["Deferred", "difference"] == 0
    assert test.session_state["exported-balances-agreements"]["agreement_number"].to_list() == ["SOW-2"]


@pytest.mark.parametrize(
    "shown",
    ["What moved it", "Plan by month", "Margin at completion", "Quality", "Age since signature", "Time to its end"],
)
def test_every_view_of_the_backlog_opens(firm: Path, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "backlog", monkeypatch, shown=shown)

    assert tiles(test)["Past its end"] == "$19.6k"


def test_backlog_is_shown_by_the_month_of_its_plan_and_what_has_none_apart(
    firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(firm, "backlog", monkeypatch, shown="Plan by month", planned="Unscheduled", currency="EUR")

    figures = test.dataframe[0].value
    assert figures["What"].to_list() == ["2026-06", "Unscheduled"]
    assert len(set(figures["Amount"])) == 1  # half of it is planned
    listed = test.session_state["exported-backlog-agreements"]
    assert listed.select("agreement_number", "amount").rows() == [("SOW-2", 8_500)]


def test_work_under_way_is_shown_by_what_it_will_leave_losses_first(
    firm: Path, snapshot: Snapshot, everything: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """165,000 of cost for a price of 150,000; 20,000 EUR left of 60,000, at 1.15."""
    bars = estimates.margin_bars(snapshot, everything)
    assert bars.rows() == [("loss", Decimal(-15_000), 1), ("good", Decimal(23_000), 1)]

    test = opened(firm, "backlog", monkeypatch, shown="Margin at completion", margin="A loss is coming")

    lines = test.session_state["exported-backlog-completion"]
    assert lines["agreement_line_key"].to_list() == ["SOW-1/1"]
    (line,) = lines.select("price_amount", "cost_to_date", "cost_to_complete", "completion_cost", "amount").rows()
    assert line == tuple(map(Decimal, (150_000, 90_000, 75_000, 165_000, -15_000)))
    assert round(lines["complete"][0]) == 55


def test_a_book_that_no_ledger_keeps_is_shown_alone(own_world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(snapshots(Project.load(own_world))[0])) as con:
        for table in ("positions", "movements", "recognition", "obligations", "line_balances"):
            con.execute(f"insert into revenue.{table} select * replace ('group' as book) from revenue.{table}")
        con.execute(
            "update revenue.line_balances set booked_period_amount = null, booked_cumulative_amount = null, "
            "difference_amount = null where book = 'group'"
        )

    test = opened(own_world, "revenue", monkeypatch, book="Group")

    assert not test.exception
    assert "No ledger keeps the book Group" in texts(test)
    listed = test.dataframe[0].value
    assert (listed["should_be"].sum() > 0, listed["booked"].count(), listed["difference"].count()) == (True, 0, 0)

    beside = opened(own_world, "balances", monkeypatch, book="Group", shown="Beside the books")
    assert "There is nothing to hold this book against" in texts(beside)

    one = opened(own_world, "revenue", monkeypatch, book="Group", agreement="A-SOW-1", obligation="SOW-1/1")
    assert not one.exception
    assert {name: tiles(one)[name] for name in ("Books", "Difference")} == dict.fromkeys(
        ("Books", "Difference"), "not available"
    )


@pytest.mark.parametrize(
    ("table", "shown", "said"),
    [
        ("scheduled_backlog", "Plan by month", "This run has no plan by month"),
        ("line_estimates", "Margin at completion", "This run has no estimates at completion"),
    ],
)
def test_a_run_from_before_there_was_a_plan_says_so(
    own_world: Path, table: str, shown: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(snapshots(Project.load(own_world))[0])) as con:
        con.execute(f"drop table revenue.{table}")

    test = opened(own_world, "backlog", monkeypatch, shown=shown)

    assert test.subheader[-1].value == said


def test_the_backlog_shows_how_the_crm_labels_what_moved_it(
    firm: Path, snapshot: Snapshot, everything: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = backlog.labels(snapshot, everything.of(first="2026-01"))
    assert found.rows() == [("upsell", "Renewal", False, 1, Decimal(30_000))]

    test = opened(firm, "backlog", monkeypatch)

    assert "As the CRM labels it (1 of 1 versions otherwise)" in [one.label for one in test.expander]


def test_a_bridge_shows_that_nothing_is_unexplained(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "bridges", monkeypatch, bar="T&M lag", currency="EUR")

    assert tiles(test) == {
        "Billings": "€20,000.00", "Causes": "€2,000.00", "Revenue": "€22,000.00", "Unexplained": "€0.00",
    }  # fmt: skip
    assert test.session_state["exported-bridges-agreements"]["agreement_number"].to_list() == ["SOW-2"]


def test_what_is_disclosed_stands_beside_rpo_at_the_last_revenue_run(
    firm: Path, snapshot: Snapshot, everything: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bridges.disclosed(snapshot, everything)
    assert found is not None
    assert (found["period"], found["by_policy"] - found["disclosed"]) == (CLOSED, 100)
    assert bridges.disclosed(snapshot, everything.of(last="2026-01")) is None

    told = texts(opened(firm, "bridges", monkeypatch, bridge="RPO to backlog"))

    assert f"RPO disclosed by the revenue system at the end of {CLOSED}" in told
    assert "100.00 less than policy." in told
    assert "LINK breaks Where it differs, line by line {'check': 'K69'}" in told


def test_a_difference_is_explained_by_cause_down_to_its_records(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "bridges", monkeypatch, bridge="Planned to revenue", currency="EUR", bar="Time not approved")

    assert tiles(test) == {
        "Planned": "€24,000.00", "Recognised": "€19,000.00", "Difference": "€5,000.00", "Unexplained": "€0.00",
    }  # fmt: skip
    assert not test.error
    listed = test.session_state["exported-causes"]
    assert listed.select("cause", "amount", "owner", "records", "age_days").rows() == [
        ("time_not_approved", 3_000, "service_delivery", 2, 31),
        ("books_differ", 2_000, "revenue_accounting", 1, 10),
    ]
    assert test.session_state["exported-bridges-agreements"]["agreement_number"].to_list() == ["SOW-2"]
    assert test.session_state["exported-records"]["source_id"].to_list() == ["71", "72"]
    assert "Up to 2026-02, the last month whose revenue run is done" in texts(test)


def test_what_no_break_names_is_unexplained_and_said_so(own_world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(snapshots(Project.load(own_world))[0])) as con:
        con.execute("update recon.breaks set status = 'cleared'")

    test = opened(own_world, "bridges", monkeypatch, bridge="Planned to revenue", currency="EUR")

    assert tiles(test)["Unexplained"] == "€2,000.00"
    assert [one.value for one in test.error] == ["Some of the difference has no cause: see Unexplained below."]


def test_causes_add_up_in_base_currency_too(snapshot: Snapshot, everything: Scope) -> None:
    ends = differences.ends(snapshot, everything, "planned")
    found = differences.causes(snapshot, everything, "planned")

    # EUR at 1.20 at the end of February.
    assert amounts(found) == {"time_not_approved": 3_600, "books_differ": 2_400}
    assert ends["first_amount"] - ends["second_amount"] == 6_000
    behind = differences.cause_agreements(snapshot, everything, "planned", "books_differ")
    assert behind.select("agreement_number", "amount").rows() == [("SOW-2", 2_400)]


def test_an_obligation_says_why_its_agreement_is_behind(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, "revenue", monkeypatch, agreement="A-SOW-2", obligation="SOW-2/1")

    assert "Why revenue is not what was expected" in texts(test)
    assert amounts(test.session_state["exported-causes"]) == {"time_not_approved": 3_000, "books_differ": 2_000}
    assert "LINK bridges The records behind time not approved" in texts(test)
    agreeing = opened(firm, "revenue", monkeypatch, agreement="A-SOW-3", obligation="SOW-3/1")
    assert "Planned and recognised agree at the end of 2026-02" in texts(agreeing)


@pytest.mark.parametrize("page", PAGES)
def test_the_selectors_of_the_sidebar_count(firm: Path, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, page, monkeypatch, period="2025-12", entity="Tiny Inc", currency="USD")

    assert not test.error
    exported = test.session_state["exported-obligations" if page == "revenue" else f"exported-{page}-agreements"]
    assert set(exported["currency"]) == {"USD"}


@pytest.mark.parametrize("page", PAGES)
def test_a_run_from_before_says_so(own_world: Path, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(own_world / ".tieout" / "published" / f"{RUN}.duckdb")) as con:
        con.execute("drop schema revenue cascade")

    test = opened(own_world, page, monkeypatch)

    assert test.subheader[0].value == "This run has no recomputed revenue"
    assert "tieout run" in texts(test)


@pytest.mark.parametrize("page", PAGES)
def test_a_period_before_everything_says_so(firm: Path, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(firm, page, monkeypatch, entity="Tiny GmbH", currency="USD")

    assert not test.error
    assert test.subheader


def test_a_bar_that_is_not_there_is_answered_with_the_closing_balance(
    firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(firm, "balances", monkeypatch, bar="Nonsense", agreement="A-unknown")

    assert "Closing, by agreement" in texts(test)
    assert "No agreement A-unknown in this run" in texts(test)


def test_no_amount_is_too_large_to_be_converted(own_world: Path, everything: Scope) -> None:
    path = snapshots(Project.load(own_world))[0]
    with duckdb.connect(str(path)) as con:
        con.execute("update revenue.movements set amount = amount * 1000000")
        con.execute("update revenue.positions set backlog = backlog * 1000000")
    backlog = rolls.ROLLS["backlog"]

    bars = amounts(rolls.moved(Snapshot.open(path), everything, backlog))

    assert bars["closing"] == 105_550_000_000
    assert rolls.unexplained(Snapshot.open(path), everything, backlog) == 0
