"""What the systems beside the two compared say of a break."""

from __future__ import annotations

from decimal import Decimal

import duckdb

from reconcile.rule import T1, BreakType, Field, Rule, Shape, Side
from tests.reconcile.books import firm, reconcile

SOLD = {"project_id": "PRJ-1", "amount": 100, "note": "Net 30"}


def value(field: Field) -> Rule:
    """CRM and ERP must hold the same of a project."""
    return Rule(
        check="K09",
        name="value",
        entity="project",
        shape=Shape.PAIR,
        left=Side("CRM", "crm", amount="amount"),
        right=Side("ERP", "erp", amount="amount"),
        on=("project_id",),
        compare=(field,),
    )


def claims(con: duckdb.DuckDBPyConnection, *rows: tuple[str, str, str, int, str]) -> None:
    """What all systems claim of projects: role, connection, project, amount, state."""
    con.execute(
        "create schema intermediate; create table intermediate.int_project__claims (role varchar, connection varchar, "
        "project_id varchar, amount decimal(18,4), claim_state varchar, currency varchar)"
    )
    con.executemany("insert into intermediate.int_project__claims values (?, ?, ?, ?, ?, 'USD')", rows)


def witnesses(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute(
        "select role, connection, present, value, amount, currency, records from recon.break_sides "
        "where side = 'witness' order by all"
    ).fetchall()


def test_systems_that_were_not_compared_say_what_they_hold_or_that_they_hold_nothing() -> None:
    con = firm(crm=[SOLD], erp=[{**SOLD, "amount": 90}])
    claims(
        con,
        ("CRM", "salesforce", "PRJ-1", 100, "ok"),
        ("ERP", "netsuite", "PRJ-1", 90, "ok"),
        ("PSA", "kantata", "PRJ-1", 60, "ok"),
        ("PSA", "kantata", "PRJ-1", 40, "ok"),
        ("PSA", "jira", "PRJ-2", 7, "ok"),
        ("REVREC", "netsuite", "PRJ-1", 55, "unreadable"),
        ("REVREC", "netsuite", "PRJ-2", 55, "ok"),
    )

    reconcile(con, value(Field("amount", tolerance=T1, break_type=BreakType.AMOUNT)))

    assert witnesses(con) == [
        ("PSA", "jira", False, None, None, None, 0),
        ("PSA", "kantata", True, "100.0000", Decimal(100), "USD", 2),
        ("REVREC", "netsuite", False, None, None, None, 0),
    ]


def test_where_records_lack_the_field_it_shows_who_has_the_record() -> None:
    con = firm(crm=[SOLD], erp=[{**SOLD, "note": "Net 60"}])
    claims(con, ("PSA", "kantata", "PRJ-1", 60, "ok"), ("REVREC", "netsuite", "PRJ-2", 60, "ok"))

    reconcile(con, value(Field("note", break_type=BreakType.TERMS)))

    assert witnesses(con) == [
        ("PSA", "kantata", True, None, None, None, 1),
        ("REVREC", "netsuite", False, None, None, None, 0),
    ]


def test_what_no_system_keeps_under_one_id_has_the_two_sides_alone() -> None:
    con = firm(crm=[SOLD], erp=[])

    reconcile(con, value(Field("amount", tolerance=T1, break_type=BreakType.AMOUNT)))

    assert con.execute("select count(*) from recon.break_sides").fetchone() == (2,)
    assert witnesses(con) == []
