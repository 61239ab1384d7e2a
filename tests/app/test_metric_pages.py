"""The page Metrics: its lines are what an explanation says, and each leads to its definition, terms and records."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from app import metrics
from app.data import Snapshot
from app.metric_values import HISTORY, history, not_narrowed, overview, said
from app.project import Project
from app.publish import snapshots
from contracts.metric import find
from contracts.metric import metrics as registry
from tests.app.opened import opened


@pytest.fixture(scope="module")
def snapshot(typical_firm: Path) -> Snapshot:
    return Snapshot.open(snapshots(Project.load(typical_firm))[0])


def _month(snapshot: Snapshot) -> str:
    return f"{snapshot.run()['as_of']:%Y-%m}"


def _lines(snapshot: Snapshot, month: str, **narrowed: str) -> pl.DataFrame:
    first = metrics.earlier(month, HISTORY - 1)
    return overview(history(snapshot, first=first, last=month, **narrowed), month, "USD")


@pytest.mark.parametrize("back", [0, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("narrowed", [{}, {"legal_entity": "US01"}, {"currency": "USD"}], ids=["firm", "US01", "USD"])
def test_a_line_says_what_the_explanation_of_it_says(snapshot: Snapshot, back: int, narrowed: dict[str, str]) -> None:
    month = metrics.earlier(_month(snapshot), back)
    lines = _lines(snapshot, month, **narrowed)
    assert lines.height > 50
    for row in lines.iter_rows(named=True):
        metric = find(row["metric"])
        own = {"currency": row["currency"]} if row["currency"] else {}
        question = metrics.ask(snapshot, metric.name, {"role": row["role"], "period": month, **own, **narrowed})
        (answer,) = metrics.values(snapshot, question, metrics.terms_in(snapshot, question))
        assert row["value"] == answer["value"], (metric.name, row["role"], row["currency"])


def test_the_month_before_is_the_value_of_the_month_before(snapshot: Snapshot) -> None:
    at = ["metric", "role", "currency"]
    now, month = _lines(snapshot, _month(snapshot)), metrics.earlier(_month(snapshot), 1)
    both = now.join(_lines(snapshot, month), on=at, how="left", nulls_equal=True, suffix="_there")
    assert both["before"].to_list() == both["value_there"].to_list()
    assert both["before"].count() > 50


def test_every_metric_with_a_value_has_a_line_unless_it_is_not_kept_so(snapshot: Snapshot) -> None:
    held = {name for name, one in registry().items() if one.is_available}
    empty = {"intercompany_payable", "intercompany_receivable", "refund_liability"}  # unless the firm has any
    assert held - set(_lines(snapshot, _month(snapshot))["metric"]) <= empty
    apart = {one.name for one in not_narrowed(legal_entity="US01", currency="")}
    assert {"corrections", "close_cycle_time"} <= apart
    assert not apart & set(_lines(snapshot, _month(snapshot), legal_entity="US01")["metric"])


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("backlog", "1234.5", "€1,234.50"),
        ("leakage", "10", "$10.00"),  # in base currency
        ("effective_rate", "145.693179", "€145.69 an hour"),
        ("margin", "0.466526", "46.7%"),
        ("dso_net", "41.62", "41.6 days"),
        ("amendments", "1200", "1,200"),
    ],
)
def test_a_value_is_said_in_words_of_its_unit(name: str, value: str, text: str) -> None:
    assert said(Decimal(value), find(name), "EUR", "USD") == text
    assert said(None, find(name), "EUR", "USD") == ""


def test_the_list_can_be_narrowed_to_a_family_and_searched(typical_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(typical_firm, "metrics", monkeypatch, family="Cycle")
    titles = set(test.dataframe[0].value["title"])
    assert "Time to bill" in titles
    assert "Backlog" not in titles
    assert not test.expander  # systems hold all of this family

    test = opened(typical_firm, "metrics", monkeypatch, metric_search="sales outstanding")
    assert {title.partition(",")[0] for title in test.dataframe[0].value["title"]} == {"Days sales outstanding"}

    test = opened(typical_firm, "metrics", monkeypatch, metric_search="forecast accuracy")
    assert test.subheader[0].value == "No metric fits this filter"
    assert "plans are overwritten" in "\n".join(one.value for one in test.expander[0].markdown)


def test_a_metric_shows_its_definition_and_terms_that_add_up(
    snapshot: Snapshot, typical_firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(typical_firm, "metrics", monkeypatch, metric="backlog", role="PSA", currency="USD")
    assert test.title[0].value == "Backlog"
    assert find("backlog").formula in test.markdown[1].value
    line = _lines(snapshot, _month(snapshot), currency="USD").row(
        by_predicate=(pl.col("metric") == "backlog") & (pl.col("role") == "PSA"), named=True
    )
    held = test.selectbox(key="held-backlog")
    assert f"{line['value']:,.2f}" in held.options[held.index or 0]
    terms = test.dataframe[0].value
    amounts = [Decimal(one.replace(",", "").replace("−", "-")) for one in terms["counts"]]
    assert sum(amounts) == line["value"].quantize(Decimal("0.01"))
    assert test.dataframe[1].value["source_id"].notna().all()


def test_a_metric_that_no_system_holds_says_why(typical_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(typical_firm, "metrics", monkeypatch, metric="forecast_accuracy_margin")
    assert test.subheader[0].value == "No system holds it"
    assert not test.dataframe


def test_what_is_known_for_now_only_says_so_in_an_earlier_month(
    snapshot: Snapshot, typical_firm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = metrics.earlier(_month(snapshot), 1)
    test = opened(typical_firm, "metrics", monkeypatch, metric="wip", period=before)
    assert test.subheader[0].value == f"No value up to {before}"
