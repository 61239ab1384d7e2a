"""A revenue accountant's treatment of an amendment: recorded with its reason, from the open month on, by who may."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from contracts.errors import ConfigError
from contracts.state import State, open_state, rows, schema
from reconcile.approvals import Approver
from reconcile.revenue.overrides import NotDecidable, decide_treatment, overrides, what_if
from reconcile.revenue.policy import Policy
from reconcile.revenue.run import recompute_revenue
from tests.reconcile.books import warehouse
from tests.reconcile.revenue.case_text import evidence, read

CASES = Path(__file__).parents[2] / "cases" / "revenue"
AS_OF, AT = dt.date(2026, 3, 6), dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
RITA = Approver("rita", ("revenue_accountant",), actor="rita")
ANA = Approver("ana", ("analyst",), actor="ana")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(f"sqlite:///{tmp_path / 'state.db'}")


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """An agreement whose second version was taken as a catch-up; its open month is March."""
    con = warehouse()
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


@pytest.fixture
def reviewed() -> duckdb.DuckDBPyConnection:
    """460,000 for 4,000 hours, half of them done before 60,000 of it were added in April; May is the open month."""
    part = read(CASES / "OD-02_amendment_of_one_obligation.txt").parts[0]
    con = warehouse()
    con.register("happened", pl.DataFrame(list(evidence(part))).to_arrow())
    con.execute("create schema revenue; create schema marts")
    con.execute(
        "create table revenue.evidence as select * replace (cast(happened_on as date) as happened_on, "
        "cast(version_no as integer) as version_no, cast(amount as decimal(18, 4)) as amount, "
        "cast(quantity as decimal(18, 8)) as quantity) from happened"
    )
    con.execute("create table marts.agreement as select distinct agreement_id, 'SOW-1' as agreement_number "
                "from revenue.evidence")  # fmt: skip
    recompute_revenue(con, {"primary": Policy()}, as_of=dt.date(2026, 5, 8))
    return con


def test_what_a_decision_would_do_is_what_the_next_run_does(reviewed: duckdb.DuckDBPyConnection, state: State) -> None:
    day, policies = dt.date(2026, 5, 8), {"primary": Policy()}
    outcome = what_if(reviewed, policies, [], "SOW-1", 2, "prospective", as_of=day)
    assert (outcome.period, outcome.problems) == ("2026-05", ())
    assert [(one.obligation_key, one.recognised, one.recognised_then, one.catch_up) for one in outcome.effects] == [
        ("build", 184_000, 200_000, 16_000)
    ]

    decide(reviewed, state, 2, "prospective", as_of=day)
    recompute_revenue(reviewed, policies, as_of=day, decisions=overrides(state))

    months = reviewed.execute("select period, cumulative_amount from revenue.recognition order by period").fetchall()
    assert months[-3:] == [("2026-03", 200_000), ("2026-04", 184_000), ("2026-05", 200_000)]
    again = what_if(reviewed, policies, overrides(state), "SOW-1", 2, "prospective", as_of=day)
    assert [one.catch_up for one in again.effects] == [0]


def test_what_if_needs_an_amendment_that_counts(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotDecidable, match="Version 1 of SOW-1 has no treatment to decide"):
        what_if(con, {"primary": Policy()}, [], "SOW-1", 1, "separate", as_of=AS_OF)
