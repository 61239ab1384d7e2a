"""A firm without faults: every side says the same, every data test of the models passes."""

from __future__ import annotations

import duckdb
import pytest


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])


@pytest.mark.parametrize("role", ["PSA", "ERP", "REVREC"])
def test_every_side_knows_the_signed_value(firm: duckdb.DuckDBPyConnection, role: str) -> None:
    pairs = (
        "from intermediate.int_agreement__claims as crm "
        "join intermediate.int_agreement__claims as other using (agreement_id) "
        f"where crm.role = 'CRM' and other.role = '{role}'"
    )
    assert _count(firm, f"select count(*) {pairs}") > 50
    assert _count(firm, f"select count(*) {pairs} and crm.value_amount is distinct from other.value_amount") == 0


def test_a_charge_is_worth_what_its_entry_is(firm: duckdb.DuckDBPyConnection) -> None:
    sql = (
        "select count(*) from (select time_entry_key, sum(event_amount) as charged "
        "from intermediate.int_billing_event__claims where kind = 'time' and state <> 'waived' group by all) "
        "join intermediate.int_time_entry__valued using (time_entry_key) "
        "where kind = 'actual' and charged <> value_amount"
    )
    assert _count(firm, sql) == 0


def test_time_is_recognised_in_the_month_it_belongs_to(firm: duckdb.DuckDBPyConnection) -> None:
    sql = """
        with worked as (
            select posting_period as period, value_currency as currency, sum(value_amount) as amount
            from intermediate.int_time_entry__valued
            where is_approved and kind = 'actual' and line_billing_type = 'tm' group by all
        ), earned as (
            select period, currency, sum(revenue_amount) as amount from intermediate.int_revenue_line__claims
            where method = 'as_charged' and agreement_line_key is not null and not is_return group by all
        )
        select count(*) from worked full join earned using (period, currency)
        where coalesce(worked.amount, 0) <> coalesce(earned.amount, 0)
    """
    assert _count(firm, sql) == 0


def test_the_core_identity_holds_for_every_agreement(firm: duckdb.DuckDBPyConnection) -> None:
    assert _count(firm, "select count(*) from intermediate.int_agreement__positions") > 50
    assert _count(firm, "select count(*) from intermediate.int_agreement__positions where difference_amount <> 0") == 0
    assert _count(firm, "select count(*) from intermediate.int_agreement__positions where agreement_id is null") == 0


def test_the_ledger_says_what_the_subledger_says(firm: duckdb.DuckDBPyConnection) -> None:
    sql = (
        "select count(*) from (select period, legal_entity_id, currency, "
        "sum(recognised_amount) filter (role = 'GL') as ledger, "
        "sum(recognised_amount) filter (role = 'REVREC') as plans from marts.firm_position group by all) "
        "where coalesce(ledger, 0) <> coalesce(plans, 0)"
    )
    assert _count(firm, sql) == 0


def test_crm_and_erp_agree_on_what_is_billed_and_paid(firm: duckdb.DuckDBPyConnection) -> None:
    totals = firm.execute(
        "select role, sum(billed_amount), sum(cash_amount) from marts.firm_position "
        "where role in ('CRM', 'ERP') group by role"
    ).fetchall()
    assert len({figures[1:] for figures in totals}) == 1


def test_every_master_has_one_row_and_an_id(firm: duckdb.DuckDBPyConnection) -> None:
    for master in ("legal_entity", "customer", "person", "opportunity", "agreement", "project"):
        rows = f"select count(*), count(distinct {master}_id) from marts.{master}"
        count, ids = firm.execute(rows).fetchall()[0]
        assert count == ids > 0, master


def test_history_begins_with_the_record_and_is_current(firm: duckdb.DuckDBPyConnection) -> None:
    assert _count(firm, "select count(*) from marts.agreement_history where not is_current and not is_deleted") == 0
    assert _count(firm, "select count(*) from marts.project_history where valid_from is null") == 0
