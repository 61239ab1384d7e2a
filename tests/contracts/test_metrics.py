"""The registry of metrics: complete, one definition each, variants named apart, no value where none is held."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contracts.errors import ConfigError
from contracts.metric import KEYS, RECOMPUTED, Metric, Shape, Term, Unit, find, metrics, terms
from contracts.metric_page import metrics_page
from contracts.metric_sql import reference, rendered_models
from contracts.registry import discover
from contracts.roles import Role
from reconcile.library import rules_of

ROOT = Path(__file__).parents[2]
#: What a firm asks for, by name. A metric is added here when it is added to the registry.
HELD = [
    "tcv", "acv", "bookings_new", "bookings_net", "book_to_bill", "amendments", "amendment_value", "cap", "backlog",
    "backlog_scheduled", "backlog_unscheduled", "backlog_funded", "backlog_unfunded", "rpo", "crpo", "backlog_burn",
    "backlog_confidence", "billings",
    "revenue", "cash", "delivered", "wip", "wip_draft", "leakage", "leakage_incidents", "write_down", "concessions",
    "credit_rate", "margin", "margin_amount", "unbilled_receivable", "contract_asset", "contract_liability",
    "contract_liability_next_12", "revenue_from_deferred", "revenue_from_earlier_work",
    "refund_liability", "unbilled", "receivable", "dso_billed", "dso_net",
    "utilisation_billable", "utilisation_recorded",
    "utilisation_reporting_accuracy", "realisation", "effective_rate", "eac", "etc", "margin_at_completion",
    "percent_complete_cost", "percent_complete_hours", "percent_complete_milestone",
    "project_setup_lead_time", "project_setup_lead_time_median",
    "project_setup_lead_time_p95", "time_to_bill_ready", "billing_cycle_time", "time_to_bill",
    "time_to_revenue_posting", "close_cycle_time", "exception_volume", "exceptions_late", "exception_money",
    "unexplained", "corrections", "revenue_adjustments", "revenue_adjustment_amount",
    "intercompany_receivable", "intercompany_payable",
]  # fmt: skip
NOT_HELD = [
    "options_unexercised", "backlog_coverage", "write_off", "dispute_rate",
    "automated_hand_offs", "integration_failure_rate",
    "integration_support_effort", "manual_reconciliation_hours", "manual_rekeying_effort", "client_experience",
    "forecast_accuracy_backlog", "forecast_accuracy_utilisation", "forecast_accuracy_margin",
    "forecast_accuracy_bookings", "forecast_accuracy_billings", "forecast_accuracy_revenue",
]  # fmt: skip
ROLES = {*map(str, Role), "GL", RECOMPUTED, "TIEOUT"}


def test_every_metric_a_firm_asks_for_is_there() -> None:
    assert sorted(name for name, metric in metrics().items() if metric.is_available) == sorted(HELD)
    assert sorted(name for name, metric in metrics().items() if not metric.is_available) == sorted(NOT_HELD)


@pytest.mark.parametrize("metric", metrics().values(), ids=lambda one: one.name)
def test_a_metric_says_what_it_is(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]+", metric.name)
    assert metric.title[0].isupper()
    assert metric.meaning.endswith(".")
    assert metric.formula
    assert metric.source
    assert set(metric.keys) <= set(KEYS)
    assert set(metric.variants) <= set(metrics()) - {metric.name}


@pytest.mark.parametrize("name", HELD)
def test_a_metric_with_a_value_says_how_it_is_made(name: str) -> None:
    metric = find(name)
    assert metric.roles
    assert set(metric.roles) <= ROLES
    assert bool(metric.divisor) == (metric.shape is Shape.RATIO)
    assert {"period", "role"} <= set(metric.keys)
    for role in metric.roles:
        sides = {side for side, _, _ in metric.asked(role)}
        assert "value" in sides, f"{name} adds up nothing for {role}"
    for part in (*metric.parts, *metric.divisor):
        assert set(part.roles) <= set(metric.roles)
        assert part.factor in (1, -1)


@pytest.mark.parametrize("name", NOT_HELD)
def test_a_metric_without_a_value_says_why_and_makes_none_up(name: str) -> None:
    metric = find(name)
    assert metric.not_held.startswith("no system ")
    assert metric.parts == metric.divisor == metric.roles == ()


@pytest.mark.parametrize("name", HELD)
def test_money_is_kept_by_currency(name: str) -> None:
    metric = find(name)
    money = [part for part in metric.parts if part.term.unit is Unit.MONEY]
    assert not money or "currency" in metric.keys or "base currency" in metric.meaning


@pytest.mark.parametrize("term", terms().values(), ids=lambda one: one.name)
def test_a_term_reads_what_a_snapshot_holds(term: Term) -> None:
    assert term.meaning.endswith(".")
    relations = re.findall(r"(?:from|join|^) ?(\w+)\.(\w+)", term.rows.source)
    assert {schema for schema, _ in relations} <= {"marts", "metrics", "revenue", "recon"}
    for schema, name in re.findall(r"\b(marts|metrics)\.(\w+)", term.rows.source):
        assert (ROOT / f"models/{schema}/{name}.sql").is_file()


def test_a_check_that_a_metric_names_has_a_rule() -> None:
    told = " ".join(f"{one.formula} {one.meaning}" for one in metrics().values())
    counted = " ".join(f"{one.where} {one.amount}" for one in terms().values())
    named = set(re.findall(r"\bK\d{2}\b", told + counted))
    assert {"K14", "K61"} <= named <= {rule.check for rule in rules_of()}


def test_variants_are_named_on_both_sides() -> None:
    apart = {(one.name, other) for one in metrics().values() for other in one.variants}
    named = {
        "wip",
        "backlog_scheduled",
        "rpo",
        "margin",
        "dso_billed",
        "leakage",
        "bookings_new",
        "utilisation_recorded",
    }
    for name in named:
        assert any(name == first for first, _ in apart)
        assert any(name == second for _, second in apart)


@pytest.mark.parametrize("metric", metrics().values(), ids=lambda one: one.name)
def test_a_stream_that_a_metric_needs_is_one_that_a_firm_need_not_export(metric: Metric) -> None:
    streams = [one for system in discover("ingest.systems", "SYSTEM").values() for one in system.streams]
    assert set(metric.streams) <= {one.name for one in streams if one.optional}


def test_an_unknown_metric_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(ConfigError, match=r"no metric bakclog.*backlog"):
        find("bakclog")


def test_models_and_page_are_rendered_from_the_registry() -> None:
    rendered = {
        **rendered_models(),
        "docs/metrics.md": f"<!-- Rendered by `tieout render`; do not edit. -->\n{metrics_page()}",
    }
    behind = [name for name, text in rendered.items() if (ROOT / name).read_text("utf-8") != text]
    assert behind == [], "run `make render`"


def test_the_page_tells_of_every_metric_and_term() -> None:
    page = metrics_page()
    assert all(f"\n## {name}\n" in page for name in HELD)
    assert all(f"| `{name}` |" in page for name in (*NOT_HELD, *terms()))


@pytest.mark.parametrize(
    ("relation", "called"),
    [
        ("marts.invoice", "ref('invoice')"),
        ("revenue.positions", "source('revenue', 'positions')"),
        ("revenue.balances", "ref('balances')"),
    ],
)
def test_a_relation_is_known_to_dbt(relation: str, called: str) -> None:
    assert reference(relation) == called
