"""Metrics of a firm without faults: each has its value, made of its terms, which are the sums of their rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app import metrics
from app.data import Snapshot
from contracts.metric import Metric, Shape, terms
from contracts.metric import metrics as registry
from contracts.metric_sql import KEY_COLUMNS, rows_of

#: What reconciliation finds is not in a warehouse that was only built.
BUILT = [metric for metric in registry().values() if metric.is_available and not metric.is_of_the_run]
#: Figures of the page Today, and the metric and role each of them is.
FIGURES = [
    ("backlog_amount", "CRM", "backlog"),
    ("backlog_amount", "PSA", "backlog"),
    ("backlog_amount", "ERP", "backlog"),
    ("backlog_amount", "REVREC", "backlog"),
    ("billed_amount", "ERP", "billings"),
    ("recognised_amount", "REVREC", "revenue"),
    ("recognised_amount", "GL", "revenue"),
    ("deferred_amount", "GL", "contract_liability"),
    ("unbilled_amount", "GL", "unbilled"),
    ("cash_amount", "ERP", "cash"),
    ("cash_amount", "GL", "cash"),
]


class Firm(Snapshot):
    """The built warehouse, read like a snapshot of the day it was built for."""

    def run(self) -> dict[str, Any]:
        """Judged at the end of the last month that values are known for."""
        found = self.one("select cast(max(period) || '-01' as date) as as_of from metrics.metric_values")
        assert found is not None
        return found


@pytest.fixture(scope="module")
def built(clean_firm: Path) -> Iterator[Firm]:
    with duckdb.connect(str(clean_firm), read_only=True) as con:
        yield Firm(clean_firm, con)


@pytest.mark.parametrize("metric", BUILT, ids=lambda one: one.name)
def test_a_metric_has_a_value_that_its_terms_add_up_to(built: Firm, metric: Metric) -> None:
    """For every role, in the last two months where it has one: the relation and the command say the same."""
    for role in metric.roles:
        rows = built.rows(
            "select * from metrics.metric_values where metric = ? and role = ? and book = 'primary' "
            "and period >= (select max(period) from metrics.metric_values where metric = ? and role = ? "
            "and value is not null) order by all",
            [metric.name, role, metric.name, role],
        )
        assert rows or metric.shape is Shape.SUM, f"{metric.name} has no value for {role}"
        for row in rows:
            assert _asked(built, metric, row) == row["value"], row


def _asked(built: Firm, metric: Metric, row: dict[str, Any]) -> Any:
    keys = {"role": row["role"], "period": row["period"]}
    if row["currency"]:
        keys["currency"] = row["currency"]
    if row["legal_entity_id"]:
        keys["legal_entity"] = row["legal_entity_id"]
    question = metrics.ask(built, metric.name, keys)
    if "legal_entity" in metric.keys and not row["legal_entity_id"]:
        return row["value"]  # what belongs to no legal entity cannot be asked for
    (answer,) = metrics.values(built, question, metrics.terms_in(built, question))
    return answer["value"]


@pytest.mark.parametrize("name", [name for name, term in terms().items() if not term.rows.is_of_the_run])
def test_a_term_is_the_sum_of_its_rows(firm: duckdb.DuckDBPyConnection, name: str) -> None:
    keys = ", ".join(("role", *KEY_COLUMNS))
    difference = firm.execute(
        f"""
        with listed as (
            select {keys}, sum(amount) as amount, count(*) as records from ({rows_of(terms()[name])}) group by all
        ), told as (
            select {keys}, amount, records from metrics.metric_terms where term = ? and row_id is null
        )
        (select * from listed except select * from told) union all (select * from told except select * from listed)
        """,
        [name],
    ).fetchall()
    assert difference == []


@pytest.mark.parametrize(("column", "role", "metric"), FIGURES)
def test_metrics_are_the_figures_of_the_page(
    firm: duckdb.DuckDBPyConnection, column: str, role: str, metric: str
) -> None:
    difference = firm.execute(
        f"""
        with page as (
            select period, currency, sum({column}) as amount from marts.firm_position where role = ? group by all
        ), told as (
            select period, currency, sum(value) as amount from metrics.metric_values
            where metric = ? and role = ? and book = 'primary' group by all
        )
        select * from page full join told using (period, currency)
        where coalesce(page.amount, 0) <> coalesce(told.amount, 0)
        """,
        [role, metric, role],
    ).fetchall()
    assert difference == []


def test_what_is_listed_is_what_is_registered(firm: duckdb.DuckDBPyConnection) -> None:
    listed = dict(firm.execute("select metric, is_available from metrics.metric").fetchall())
    assert listed == {name: metric.is_available for name, metric in registry().items()}


@pytest.mark.parametrize("metric", ["unbilled_receivable", "contract_asset", "contract_liability", "receivable"])
def test_the_books_of_a_clean_firm_say_what_the_evidence_says(firm: duckdb.DuckDBPyConnection, metric: str) -> None:
    """At the end of the last closed month, by legal entity and currency."""
    rows = firm.execute(
        """
        select legal_entity_id, currency, sum(value) filter (role = 'GL') as booked,
               sum(value) filter (role = 'RECOMPUTED') as recomputed
        from metrics.metric_values
        where metric = ? and book = 'primary'
          and period = (select max(period) from marts.accounting_period where is_closed)
        group by all
        """,
        [metric],
    ).fetchall()
    assert rows
    assert [row for row in rows if (row[2] or 0) != (row[3] or 0)] == []


def test_nothing_a_system_does_not_hold_has_a_value(firm: duckdb.DuckDBPyConnection) -> None:
    made_up = firm.execute(
        "select distinct metric from metrics.metric_values join metrics.metric using (metric) where not is_available"
    ).fetchall()
    assert made_up == []
