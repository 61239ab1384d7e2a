"""Three breaks of one rule in a warehouse by itself, and what the plan makes of them."""

from __future__ import annotations

import datetime as dt

import duckdb

from contracts.actions import ActionKind
from contracts.native import Write
from contracts.ownership import Ownership
from reconcile.corrections import Target
from reconcile.plan import Decisions, Planned, plan
from reconcile.rule import Correction, Rule, Shape, Side
from reconcile.schema import create
from tests.reconcile import books

AS_OF = dt.date(2026, 3, 6)

WRITES = (
    Write(
        ActionKind.REPLAY,
        "time_entry",
        method="PUT",
        path="/timebill/eid:{external_id}",
        body={"hours": "{hours}", "tranDate": "{posting_on}", "memo": "{memo?}", "key": "TIE-{idempotency_key}"},
        object="timebill",
        safety="keyed",
    ),
    Write(ActionKind.REVERSE, "time_entry", "delete", method="DELETE", path="/timebill/eid:{external_id}"),
    Write(ActionKind.HOLD, "time_entry", method="POST", path="/hold", body={"lines": "{lines}"}, object="timebill"),
)
TARGETS = (Target("kantata", "kantata", ("PSA",)), Target("netsuite", "netsuite", ("ERP", "REVREC"), WRITES))
REPLAY = Correction(
    kind=ActionKind.REPLAY,
    entity="time_entry",
    target_role="ERP",
    external_id="'KAN-TE-' || entry",
    values={"hours": "hours"},
    precondition=(("externalid", "absent", ""),),
    changes=(("hours", "", "hours"),),
    posting_period="posting_date",
    compensation="delete",
    reason="{hours} h never reached the ledger",
)


def rule(*corrections: Correction) -> Rule:
    """A rule with these corrections."""
    return Rule(
        check="K14",
        name="time_there",
        entity="time_entry",
        shape=Shape.PRESENCE,
        left=Side("PSA", "x", amount="1"),
        right=Side("ERP", "y", amount="1"),
        on=("k",),
        payload={"hours": "1", "entry": "2"},
        corrections=corrections,
    )


def warehouse(count: int = 3) -> duckdb.DuckDBPyConnection:
    """A warehouse with `count` open breaks of 10.50 USD each, February closed, March open."""
    con = books.warehouse()
    create(con)
    con.execute(
        f"""
        create schema marts;
        create table marts.accounting_period as select * from (values
          ('2026-02', date '2026-02-01', date '2026-02-28', true),
          ('2026-03', date '2026-03-01', date '2026-03-31', false)
        ) as t(period, start_on, end_on, is_closed);
        insert into recon.breaks by name
        select 'BRK-' || i as break_id, 1 as version, 'E' || i as evidence_hash, 'R1' as run_id, 'K14' as check_id,
          'time_there' as rule, 1 as rule_version, 'missing_right' as break_type, 'S1' as severity, 'open' as status,
          'title ' || i as title, 'kantata' as left_connection, 'time_entries' as left_object, '77' || i as left_record,
          'netsuite' as right_connection, 'timebill' as right_object, -10.5 as variance, 'USD' as currency,
          10.5 as impact, 'finance_operations' as owner, 'netsuite' as at_fault, 'BRK-' || i as root_id,
          date '2026-02-10' as posting_date, 'C' as correlation_id,
          json_object('hours', '7:45', 'entry', '77' || i) as payload
        from range({count}) as t(i)
        """
    )
    return con


def planned(
    con: duckdb.DuckDBPyConnection,
    *corrections: Correction,
    decisions: Decisions | None = None,
    ownership: Ownership | None = None,
    run_id: str = "R1",
) -> Planned:
    """Plan with these corrections (the replay when none is given)."""
    return plan(
        con,
        run_id=run_id,
        as_of=AS_OF,
        rules=[rule(*(corrections or (REPLAY,)))],
        targets=TARGETS,
        decisions=decisions,
        ownership=ownership,
    )
