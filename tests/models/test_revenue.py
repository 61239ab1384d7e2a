"""The revenue models: the tables the computation fills, and what is said where it has not run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.build import build_models
from reconcile.revenue.run import TABLES, columns_of


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return con.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'revenue' and table_name = ? order by ordinal_position",
        [table],
    ).fetchall()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Path:
    """A warehouse without a row, built by dbt alone."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    raw.raw_warehouse(path, {})
    build_models(path, raw.VARIABLES)
    return path


@pytest.mark.long
@pytest.mark.parametrize("table", sorted(TABLES))
def test_dbt_makes_the_computed_tables_as_the_computation_does(empty: Path, table: str) -> None:
    types = {"string": "VARCHAR", "integer": "INTEGER", "date": "DATE"}
    expected = [(name, types.get(kind) or kind.upper().replace(" ", "")) for name, kind in columns_of(table).items()]
    with duckdb.connect(str(empty), read_only=True) as con:
        assert _columns(con, table) == expected


@pytest.mark.long
@pytest.mark.parametrize(
    "model",
    [
        "evidence",
        "balances",
        "line_balances",
        "line_revenue",
        "movements",
        "bridges",
        "identities",
        "differences",
        "explanations",
    ],
)
def test_without_a_row_of_evidence_there_is_nothing_to_say(empty: Path, model: str) -> None:
    with duckdb.connect(str(empty), read_only=True) as con:
        assert con.execute(f"select count(*) from revenue.{model}").fetchone() == (0,)


def test_every_control_account_is_proved_and_agrees_in_a_firm_without_faults(firm: duckdb.DuckDBPyConnection) -> None:
    proved = firm.execute(
        "select sum(tested) > 20, sum(failed) from revenue.identities where identity = 'I13' group by statement"
    ).fetchall()
    # revenue, contract liabilities and assets, unbilled and billed receivables
    assert proved == [(True, 0)] * 5


def test_the_price_of_every_agreement_is_all_allocated(firm: duckdb.DuckDBPyConnection) -> None:
    proved = (
        "select sum(tested), sum(failed) from revenue.identities where identity = 'I1' and statement like '%allocated%'"
    )
    months = "select count(*) from revenue.positions"
    assert firm.execute(proved).fetchall() == [(*firm.execute(months).fetchall()[0], 0)]


def test_what_is_billed_without_a_reason_gives_up_no_price(firm: duckdb.DuckDBPyConnection) -> None:
    wrong = """
        select obligation_key from intermediate.billing_movements
        where price_credit_amount > credited_amount or invoiced_amount < 0
        """
    assert firm.execute(wrong).fetchall() == []


def test_work_that_came_late_is_accrued_where_it_was_done(firm: duckdb.DuckDBPyConnection) -> None:
    """Not approved when its month closed: an accrual there, revenue in the month in which it reached finance."""
    late = """
        select sum(value_amount) from intermediate.int_time_entry__valued
        where kind = 'actual' and line_billing_type = 'tm' and is_billable and claim_state = 'ok'
          and state in ('approved', 'submitted')
          and (not is_approved or posting_period is null or posting_period > strftime(work_on, '%Y-%m'))
        """
    evidence = """
        select sum(amount) from revenue.evidence
        where kind = 'worked' and json_extract_string(attributes, '$.approved') = 'false'
        """
    assert firm.execute(late).fetchone() == firm.execute(evidence).fetchone()


def test_every_line_is_asked_by_one_check_and_agrees_in_a_firm_without_faults(firm: duckdb.DuckDBPyConnection) -> None:
    apart = """
        select obligation_key, count(distinct question), sum(case when is_booked then amount else -amount end)
        from revenue.line_revenue group by book, currency, obligation_key
        having count(distinct question) <> 1 or sum(case when is_booked then amount else -amount end) <> 0
        """
    assert firm.execute(apart).fetchall() == []
    asked = firm.execute("select distinct question from revenue.line_revenue order by 1").fetchall()
    assert asked == [("acceptance",), ("charged",), ("outcome",), ("progress",), ("ratable",)]


def test_a_catch_up_of_a_line_goes_to_its_largest_obligation(firm: duckdb.DuckDBPyConnection) -> None:
    wrong = """
        select lines.obligation_key
        from revenue.line_revenue as lines
        inner join intermediate.int_obligation__claims as larger
          on larger.agreement_line_key = lines.obligation_key and not larger.is_return
        inner join intermediate.int_obligation__claims as chosen on chosen.source_id = lines.obligation_ref
        where larger.allocation_amount > chosen.allocation_amount
        """
    assert firm.execute(wrong).fetchall() == []
    named = "select count(obligation_ref) = count(*) from revenue.line_revenue where is_booked"
    assert firm.execute(named).fetchone() == (True,)
