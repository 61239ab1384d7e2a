"""Who may approve, what a batch is, and what becomes of the answers."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from contracts.state import State, open_state
from reconcile.approvals import Approver, NotAllowed, approve, decisions, may_speak_for, reject
from reconcile.outbox import Batch, BatchBroken, emit, read_batch, read_results, sha256
from reconcile.rule import Correction
from tests.reconcile.planned import REPLAY, planned, warehouse
from tests.reconcile.test_plan import TASK

AT = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
ANA = Approver("ana", ("analyst",))
CARL = Approver("carl", ("controller",), {"USD": Decimal(10)})
CLEO = Approver("cleo", ("controller",))


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(f"sqlite:///{tmp_path}/state.db")


def ids(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in con.execute("select action_id from recon.actions order by 1").fetchall()]


def emitted(con: duckdb.DuckDBPyConnection, state: State, folder: Path) -> Batch:
    batch = emit(con, state, folder / "batches", actor="cleo", at=AT)
    assert batch is not None
    return batch


def answer(batch: Path, outcome: str = "applied") -> None:
    lines = [
        {"action_id": one["action_id"], "idempotency_key": one["idempotency_key"], "attempt": 1, "outcome": outcome,
         "record_id": "5", "message": "", "response_hash": "h", "at": "2026-03-06T12:00:00Z"}
        for one in read_batch(batch)[1]
    ]  # fmt: skip
    (batch / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def ready(*corrections: Correction) -> duckdb.DuckDBPyConnection:
    con = warehouse()
    planned(con, *corrections)
    return con


def test_a_person_without_the_role_may_not_approve(state: State) -> None:
    con = ready()

    done = approve(con, state, ids(con)[:1], ANA, "fine", at=AT)

    assert done.approved == ()
    assert "it takes the role finance" in done.refused[ids(con)[0]]


def test_over_the_limit_a_second_person_approves(state: State) -> None:
    con = ready()

    first = approve(con, state, ids(con), CARL, "fine", at=AT)
    again = approve(con, state, ids(con), CARL, "fine", at=AT)
    second = approve(con, state, ids(con), CLEO, "fine", at=AT)

    assert (first.approved, len(first.waiting), len(again.waiting)) == ((), 3, 3)
    assert second.approved == tuple(ids(con))


def test_above_the_firms_own_amount_two_approve_whatever_their_limits(state: State) -> None:
    con = ready()
    assert approve(con, state, ids(con), CLEO, "fine", at=AT, two_above=Decimal(5)).waiting == tuple(ids(con))


def test_the_preparer_never_approves(state: State) -> None:
    con = warehouse(1)
    planned(con, decisions=decisions(state, "cleo"))

    assert approve(con, state, ids(con), CLEO, "fine", at=AT).refused == {
        ids(con)[0]: "cleo prepared it; another person approves"
    }


def test_an_action_that_changed_since_it_was_looked_at_is_not_approved(state: State) -> None:
    con = ready()
    one = ids(con)[0]

    done = approve(con, state, [one], CLEO, "fine", at=AT, expected_versions={one: 7})

    assert "changed since you looked" in done.refused[one]


def test_a_rejection_says_why_and_is_final_for_this_evidence(state: State) -> None:
    con = ready()
    with pytest.raises(NotAllowed, match="says why"):
        reject(con, state, ids(con), CLEO, " ", at=AT)

    reject(con, state, ids(con), CLEO, "known and agreed", at=AT)
    result = planned(con, decisions=decisions(state))

    assert result.by_status == {"rejected": 3}
    assert approve(con, state, ids(con)[:1], CLEO, "fine", at=AT).refused == {ids(con)[0]: "it is rejected already"}


def test_deciding_in_anothers_name_needs_leave() -> None:
    may_speak_for("root", "cleo", lambda actor, person: True)
    with pytest.raises(NotAllowed, match="root may not decide as cleo"):
        may_speak_for("root", "cleo", lambda actor, person: actor == person)


def test_nothing_approved_nothing_emitted(state: State, tmp_path: Path) -> None:
    assert emit(ready(), state, tmp_path, actor="cleo", at=AT) is None


def test_a_batch_states_its_files_totals_and_predecessor(state: State, tmp_path: Path) -> None:
    con = ready()
    approve(con, state, ids(con)[:1], CLEO, "fine", at=AT)
    first = emitted(con, state, tmp_path)
    approve(con, state, ids(con)[1:], CLEO, "fine", at=AT)
    second = emitted(con, state, tmp_path)

    manifest, actions = read_batch(second.path)
    assert manifest["actions"] == len(actions) == 2
    assert manifest["impact"] == {"USD": "21.0000"}
    assert manifest["rule_versions"] == {"K14": 1}
    assert manifest["previous"] == {
        "batch_id": first.batch_id,
        "sha256": sha256((first.path / "manifest.json").read_bytes()),
    }
    assert {one["batch_id"] for one in actions} == {second.batch_id}


def test_the_same_set_emitted_again_is_the_same_batch_byte_for_byte(state: State, tmp_path: Path) -> None:
    con = ready()
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    first = emitted(con, state, tmp_path)
    content = {path.name: path.read_bytes() for path in first.path.iterdir()}
    shutil.rmtree(first.path)

    again = emitted(con, state, tmp_path)

    assert (again.batch_id, again.is_new) == (first.batch_id, False)
    assert {path.name: path.read_bytes() for path in again.path.iterdir()} == content


def test_an_action_waits_for_the_one_it_depends_on(state: State, tmp_path: Path) -> None:
    con = warehouse(1)
    planned(con, REPLAY, Correction(**{**vars_of(TASK), "depends_on": (0,)}))
    assert emit(con, state, tmp_path, actor="cleo", at=AT) is None

    first = [row[0] for row in con.execute("select action_id from recon.actions where sequence = 1").fetchall()]
    approve(con, state, first, CLEO, "fine", at=AT)
    _, actions = read_batch(emitted(con, state, tmp_path).path)

    assert [one["sequence"] for one in actions] == [1, 2]


def test_a_changed_file_is_refused(state: State, tmp_path: Path) -> None:
    con = ready()
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    batch = emitted(con, state, tmp_path)
    (batch.path / "actions.jsonl").write_text("{}\n")

    with pytest.raises(BatchBroken, match="was changed after it was emitted"):
        read_batch(batch.path)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("applied", "applied"), ("already_applied", "applied"), ("refused", "refused"), ("failed", "failed")],
)
def test_answers_are_read_once_and_become_the_status(state: State, tmp_path: Path, outcome: str, status: str) -> None:
    con = ready()
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    batch = emitted(con, state, tmp_path)
    answer(batch.path, outcome)

    assert read_results(state, tmp_path / "batches", at=AT) == 3
    assert read_results(state, tmp_path / "batches", at=AT) == 0
    assert planned(con, decisions=decisions(state), run_id="R2").by_status == {status: 3}


def test_an_answer_cut_off_in_its_line_is_left_for_the_next_time(state: State, tmp_path: Path) -> None:
    con = ready()
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    batch = emitted(con, state, tmp_path)
    answer(batch.path)
    whole = (batch.path / "results.jsonl").read_text()
    (batch.path / "results.jsonl").write_text(whole[:-20])

    assert read_results(state, tmp_path / "batches", at=AT) == 2


def vars_of(correction: Correction) -> dict[str, object]:
    return {name: getattr(correction, name) for name in correction.__dataclass_fields__}
