"""A revenue accountant's treatment of an amendment: recorded with its reason, from the open month on, by who may."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.errors import ConfigError
from contracts.state import State, open_state, rows, schema
from reconcile.approvals import Approver
from reconcile.revenue.overrides import NotDecidable, decide_treatment, overrides

AS_OF, AT = dt.date(2026, 3, 6), dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
RITA = Approver("rita", ("revenue_accountant",), {}, actor="rita")
ANA = Approver("ana", ("analyst",), {}, actor="ana")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(f"sqlite:///{tmp_path / 'state.db'}")


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """An agreement whose second version was taken as a catch-up; its open month is March."""
    con = duckdb.connect()
    con.execute("create schema revenue; create schema marts")
    con.execute("create table marts.agreement as select 'AGR-1' as agreement_id, 'SOW-1' as agreement_number")
    con.execute(
        "create table revenue.decisions as select 'AGR-1' as agreement_id, 'primary' as book, * from (values "
        "(1, 'SOW-1/1', 'original'), (2, 'SOW-1/1', 'catch_up'), (3, null, 'unsigned')) "
        "as versions (version_no, obligation_key, treatment)"
    )
    con.execute(
        "create table revenue.positions as select 'AGR-1' as agreement_id, 'primary' as book, period "
        "from (values ('2026-02'), ('2026-03')) as months (period)"
    )
    return con


def decide(con: duckdb.DuckDBPyConnection, state: State, version: int, treatment: str, **more: Any) -> str:
    given = {"by": RITA, "reason": "the remaining hours are a service of their own", "as_of": AS_OF, "at": AT, **more}
    return decide_treatment(con, state, "SOW-1", version, treatment, **given)


def test_a_decision_counts_from_the_open_month_on(con: duckdb.DuckDBPyConnection, state: State) -> None:
    decide(con, state, 2, "prospective", obligation_key="SOW-1/1")
    (one,) = overrides(state)
    assert (one.agreement_id, one.version_no, one.obligation_key) == ("AGR-1", 2, "SOW-1/1")
    assert (one.treatment, one.period, one.decided_on, one.decided_by) == ("prospective", "2026-03", AS_OF, "rita")
    with state.read() as connection:
        assert [entry["verb"] for entry in rows(connection, schema.audit)] == ["decide treatment"]


def test_the_same_decision_again_is_one_row_and_a_later_one_comes_after_it(
    con: duckdb.DuckDBPyConnection, state: State
) -> None:
    assert decide(con, state, 2, "prospective") == decide(con, state, 2, "prospective")
    decide(con, state, 2, "separate", at=AT + dt.timedelta(hours=1))
    assert [one.treatment for one in overrides(state)] == ["prospective", "separate"]


@pytest.mark.parametrize("version", [1, 3, 9])
def test_only_an_amendment_that_counts_can_be_treated(
    con: duckdb.DuckDBPyConnection, state: State, version: int
) -> None:
    with pytest.raises(NotDecidable, match=f"Version {version} of SOW-1 has no treatment to decide"):
        decide(con, state, version, "separate")
    assert overrides(state) == []


def test_an_analyst_may_not_decide(con: duckdb.DuckDBPyConnection, state: State) -> None:
    with pytest.raises(NotDecidable, match="ana is neither revenue_accountant nor controller"):
        decide(con, state, 2, "separate", by=ANA)


@pytest.mark.parametrize(("treatment", "reason"), [("restate", "because"), ("separate", " ")])
def test_a_decision_needs_a_treatment_that_exists_and_a_reason(
    con: duckdb.DuckDBPyConnection, state: State, treatment: str, reason: str
) -> None:
    with pytest.raises(ConfigError):
        decide(con, state, 2, treatment, reason=reason)
