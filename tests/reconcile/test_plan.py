"""From breaks to actions: who is called with what, under which key, and what happens to a proposal from run to run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import duckdb
import polars as pl
import pytest

from contracts.actions import ActionKind
from contracts.ownership import load_ownership
from reconcile.plan import ACTIONS_DDL, Decisions
from reconcile.rule import Correction
from tests.reconcile.planned import REPLAY, planned, warehouse

TASK = Correction(kind=ActionKind.ROUTE, entity="time_entry", target_role="ERP", changes=(("stage", "'a'", "'b'"),))


def actions(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    cursor = con.execute("select * from recon.actions order by action_id")
    names = [column[0] for column in cursor.description or ()]
    documents = ("target", "precondition", "changes", "request", "approval", "compensation")
    return [
        {
            name: json.loads(value) if name in documents and value else value
            for name, value in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]


def outbox(*found: dict[str, Any], status: str) -> pl.DataFrame:
    rows = [
        {"action_id": one["action_id"], "version": one["version"], "status": status, "batch_id": "B",
         "evidence_hash": one["evidence_hash"]} for one in found
    ]  # fmt: skip
    return pl.DataFrame(rows)


def delivered(*found: dict[str, Any], outcome: str = "applied") -> Decisions:
    answers = [
        {"action_id": one["action_id"], "idempotency_key": one["idempotency_key"], "attempt": 1, "batch_id": "B",
         "outcome": outcome, "record_id": "5", "message": "", "response_hash": "", "at": ""} for one in found
    ]  # fmt: skip
    return Decisions(outbox=outbox(*found, status="emitted"), deliveries=pl.DataFrame(answers))


def test_a_break_becomes_one_native_call_with_its_key_condition_and_undoing() -> None:
    con = warehouse(1)

    planned(con)

    (one,) = actions(con)
    assert one["target"] == {
        "connection": "netsuite", "system": "netsuite", "object": "timebill", "external_id": "KAN-TE-770",
    }  # fmt: skip
    assert one["request"]["method"] == "PUT"
    assert one["request"]["path"] == "/timebill/eid:KAN-TE-770"
    assert one["request"]["body"]["key"] == f"TIE-{one['idempotency_key']}"
    assert one["precondition"] == [{"field": "externalid", "op": "absent", "value": None}]
    assert one["compensation"]["request"]["method"] == "DELETE"
    assert (one["reason"], one["status"], one["breaks"]) == ("7:45 h never reached the ledger", "proposed", ["BRK-0"])
    assert one["approval"]["required_role"] == "finance"


@pytest.mark.parametrize("other", ["rule = 'exchange_rates'", "entity = 'tolerance'"])
def test_what_the_run_itself_says_under_a_check_gets_none_of_its_corrections(other: str) -> None:
    con = warehouse(2)
    con.execute("update recon.breaks set entity = 'time_entry'")
    con.execute(f"update recon.breaks set {other}, payload = null where break_id = 'BRK-1'")

    planned(con)

    assert [one["breaks"] for one in actions(con)] == [["BRK-0"]]


def test_a_closed_period_moves_to_the_open_one_and_the_memo_names_the_original_date() -> None:
    con = warehouse(1)

    planned(con)

    (one,) = actions(con)
    assert one["posting_period"] == "2026-03"
    assert one["request"]["body"]["tranDate"] == "2026-03-06"
    assert one["request"]["body"]["memo"] == "originally 2026-02-10"


def test_what_no_vendor_call_covers_is_a_task_with_every_field_to_change() -> None:
    con = warehouse(1)

    planned(con, TASK)

    (one,) = actions(con)
    assert one["request"] == {
        "method": "TASK",
        "queue": "finance_operations",
        "changes": [{"object": "timebill", "field": "stage", "from": "a", "to": "b"}],
    }
    assert one["status"] == "approved"


def test_a_scheduled_run_leaves_who_planned_the_same_version_before() -> None:
    con = warehouse(1)

    prepared = []
    for person in ("system", "ana", "system", "ben", "system"):
        planned(con, decisions=Decisions(prepared_by=person))
        prepared.append(actions(con)[0]["approval"]["prepared_by"])
    con.execute("update recon.breaks set evidence_hash = 'another'")
    planned(con, decisions=Decisions(prepared_by="system"))

    assert prepared == ["system", "ana", "ana", "ben", "ben"]
    assert (actions(con)[0]["version"], actions(con)[0]["approval"]["prepared_by"]) == (2, "system")


@pytest.mark.parametrize("kind", list(ActionKind))
def test_every_kind_names_what_undoes_it_and_where_no_call_does_a_person_is_asked(kind: ActionKind) -> None:
    con = warehouse(1)

    planned(con, replace(TASK, kind=kind))

    (one,) = actions(con)
    if kind.facts.compensation is None:
        assert one["compensation"] is None
    else:
        assert one["compensation"]["kind"] == kind.facts.compensation
        assert one["compensation"]["request"] == {
            "method": "TASK",
            "queue": "finance_operations",
            "changes": [{"object": "timebill", "field": "stage", "from": "b", "to": "a"}],
        }


@pytest.mark.parametrize(
    ("field", "where", "is_task"),
    [
        ("parent_ref", {}, True),
        ("customer_name", {}, False),
        ("", {}, False),
        ("customer_name", {"connection": "netsuite"}, True),
        ("customer_name", {"connection": "kantata"}, False),
        ("customer_name", {"role": "ERP"}, True),
        ("customer_name", {"legal_entity": "US01"}, True),
        ("customer_name", {"legal_entity": "DE01"}, False),
    ],
)
def test_a_field_that_only_people_may_change_becomes_a_task(field: str, where: dict[str, str], is_task: bool) -> None:
    con = warehouse(1)
    con.execute(
        "update recon.breaks set entity = 'customer', field = ?, right_role = 'ERP', legal_entity_id = 'LEN-1'", [field]
    )
    con.execute("create table marts.legal_entity as select 'LEN-1' as legal_entity_id, 'US01' as legal_entity_code")
    narrowed = {"entity": "customer", "fields": ["customer_name"], "update": "human_only", **where}

    planned(con, ownership=load_ownership([narrowed] if where else []))

    (one,) = actions(con)
    assert (one["request"]["method"] == "TASK") is is_task
    if is_task:
        assert one["request"]["changes"] == [{"object": "timebill", "id": "KAN-TE-770", "field": "hours", "to": "7:45"}]
        assert one["safety"] == "never_retry"
        assert one["compensation"] is None, "sending a stored event again needs no undoing"


def test_what_our_own_table_leaves_to_people_is_a_task_without_being_told() -> None:
    con = warehouse(1)
    con.execute("update recon.breaks set entity = 'exchange_rate', field = 'exchange_rate'")

    planned(con)

    assert [one["request"]["method"] for one in actions(con)] == ["TASK"]


@pytest.mark.parametrize(
    "change",
    [
        "status = 'timing'",
        "status = 'accepted'",
        "break_type = 'unreadable'",
        "cause = 'quarantined'",
        "root_id = 'BRK-9'",
    ],
)
def test_late_accepted_unreadable_and_consequent_breaks_get_no_action(change: str) -> None:
    con = warehouse(1)
    con.execute(f"update recon.breaks set {change}")

    assert planned(con).actions == 0


def test_a_consequence_is_corrected_when_the_correction_says_so_and_waits_for_its_root() -> None:
    con = warehouse(2)
    con.execute("update recon.breaks set root_id = 'BRK-0'")

    planned(con, replace(REPLAY, for_consequences=True, waits_for="root_id"))

    by_break = {one["breaks"][0]: one for one in actions(con)}
    assert by_break["BRK-1"]["depends_on"] == [by_break["BRK-0"]["action_id"]]
    assert by_break["BRK-0"]["depends_on"] == []


def test_lines_of_one_cause_roll_up_to_calls_of_at_most_a_thousand() -> None:
    con = warehouse(2_345)
    hold = Correction(
        kind=ActionKind.HOLD, entity="time_entry", target_role="ERP", roll_up="at_fault", line={"id": "left_record"}
    )

    planned(con, hold)

    found = actions(con)
    assert sorted(len(one["breaks"]) for one in found) == [345, 1000, 1000]
    assert sorted(len(one["request"]["body"]["lines"]) for one in found) == [345, 1000, 1000]
    assert sum(one["impact"] for one in found) == 2_345 * found[0]["impact"] / len(found[0]["breaks"])


def test_calls_of_one_correction_are_a_group_in_order() -> None:
    con = warehouse(1)

    planned(con, REPLAY, replace(TASK, depends_on=(0,)))

    first, second = sorted(actions(con), key=lambda one: one["sequence"])
    assert first["group_id"] == second["group_id"]
    assert second["depends_on"] == [first["action_id"]]


def test_planning_again_gives_the_same_actions_byte_for_byte() -> None:
    con = warehouse()
    planned(con)
    before = con.execute("select * from recon.actions").fetchall()

    planned(con)

    assert con.execute("select * from recon.actions").fetchall() == before


def test_changed_evidence_makes_a_new_version_and_voids_the_approval() -> None:
    con = warehouse(1)
    planned(con)
    (one,) = actions(con)
    approval = {"action_id": one["action_id"], "version": 1, "person": "cleo", "decision": "approve",
                "evidence_hash": one["evidence_hash"], "decided_at": "2026-03-06T10:00:00Z",
                "is_void": False}  # fmt: skip
    approved = Decisions(outbox=outbox(one, status="approved"), approvals=pl.DataFrame([approval]))
    assert planned(con, decisions=approved).by_status == {"approved": 1}
    con.execute("update recon.breaks set evidence_hash = 'changed', status = 'open'")

    result = planned(con, decisions=approved)

    (again,) = actions(con)
    assert (again["version"], again["status"], again["action_id"]) == (2, "proposed", one["action_id"])
    assert result.voided == ((one["action_id"], 1),)


def test_a_delivered_action_is_verified_when_its_break_is_gone_and_the_break_too() -> None:
    con = warehouse(1)
    planned(con)
    answers = delivered(*actions(con))
    con.execute("update recon.breaks set status = 'cleared'")

    planned(con, decisions=answers, run_id="R2")

    assert [one["status"] for one in actions(con)] == ["verified"]
    assert con.execute("select status from recon.breaks").fetchall() == [("verified",)]
    assert con.execute("select outcome from recon.deliveries").fetchall() == [("applied",)]


def test_a_delivered_action_whose_break_stands_is_applied_and_the_break_sent() -> None:
    con = warehouse(1)
    planned(con)

    planned(con, decisions=delivered(*actions(con)), run_id="R2")

    assert [one["status"] for one in actions(con)] == ["applied"]
    assert con.execute("select status from recon.breaks").fetchall() == [("sent",)]


def test_a_proposal_whose_break_went_away_by_itself_is_superseded() -> None:
    con = warehouse(1)
    planned(con)
    con.execute("update recon.breaks set status = 'cleared'")

    planned(con, run_id="R2")

    assert [one["status"] for one in actions(con)] == ["superseded"]
    assert con.execute("select status from recon.breaks").fetchall() == [("cleared",)]


def test_the_table_of_actions_has_the_documented_columns() -> None:
    con = warehouse(0)
    con.execute(ACTIONS_DDL)

    names = [row[0] for row in con.execute("describe recon.actions").fetchall()]

    assert names == [
        "action_id", "version", "run_id", "as_of", "batch_id", "group_id", "sequence", "depends_on", "kind",
        "idempotency_key", "target", "precondition", "changes", "request", "safety", "posting_period", "breaks",
        "reason", "impact", "currency", "approval", "evidence_hash", "compensation", "correlation_id", "status",
    ]  # fmt: skip
