"""Who may approve, what a batch is, and what becomes of the answers."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import duckdb
import pytest

from contracts.state import State, frame, open_state, schema
from reconcile.approvals import Approver, Decided, NotAllowed, Overtaken, approve, decisions, may_speak_for, reject
from reconcile.outbox import Batch, BatchBroken, emit, read_batch, read_results, sha256
from reconcile.rule import Correction
from tests.reconcile.books import beside
from tests.reconcile.planned import REPLAY, planned, warehouse
from tests.reconcile.test_plan import TASK

AT = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
ANA = Approver("ana", ("analyst",))
CARL = Approver("carl", ("controller",), Decimal(10))
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


@pytest.mark.parametrize("two_above", [None, Decimal(5)])
def test_an_impact_nobody_knows_is_above_every_amount(state: State, two_above: Decimal | None) -> None:
    con = warehouse(1)
    con.execute("update recon.breaks set currency = 'XPF', impact = null")
    planned(con)
    by = CLEO if two_above else CARL

    assert approve(con, state, ids(con), by, "fine", at=AT, two_above=two_above).waiting == tuple(ids(con))


def test_without_money_there_is_no_amount_to_be_above(state: State) -> None:
    con = warehouse(1)
    con.execute("update recon.breaks set variance = 0, currency = null, impact = null")
    planned(con)

    assert approve(con, state, ids(con), CARL, "fine", at=AT).approved == tuple(ids(con))


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


def at_the_same_moment(monkeypatch: pytest.MonkeyPatch, read: str, deed: Callable[[], object]) -> None:
    """Let somebody else do `deed` after `read` saw the actions and before anything is written."""
    module, name = read.rsplit(".", 1)
    there = import_module(module)
    original = getattr(there, name)

    def then(*given: object) -> object:
        seen = original(*given)
        monkeypatch.setattr(there, name, original)
        deed()
        return seen

    monkeypatch.setattr(there, name, then)


@pytest.mark.parametrize("decide", [approve, reject])
def test_what_was_emitted_at_the_same_moment_is_not_decided_again(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decide: Callable[..., Decided]
) -> None:
    con = ready()
    other = beside(con)
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    at_the_same_moment(monkeypatch, "reconcile.approvals._wanted", lambda: emitted(other, state, tmp_path))

    done = decide(con, state, ids(con), CARL, "on second thoughts", at=AT)

    assert done.refused == dict.fromkeys(ids(con), "it is emitted already")
    assert (done.approved, done.rejected, done.waiting) == ((), (), ())
    assert {(batch[:4], status) for _, batch, status in versions(state)} == {("BAT-", "emitted")}


def test_two_first_approvals_at_the_same_moment_are_two(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    con = ready()
    other = beside(con)
    carla = Approver("carla", ("controller",), Decimal(10))
    at_the_same_moment(
        monkeypatch, "reconcile.approvals._wanted",
        lambda: approve(other, state, ids(con), carla, "fine", at=AT),
    )  # fmt: skip

    assert approve(con, state, ids(con), CARL, "fine", at=AT).approved == tuple(ids(con))


def test_what_was_rejected_at_the_same_moment_is_not_emitted(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    con = ready()
    other = beside(con)
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    gone = ids(con)[0]
    at_the_same_moment(
        monkeypatch, "reconcile.outbox._ready",
        lambda: reject(other, state, [gone], CLEO, "no", at=AT),
    )  # fmt: skip

    with pytest.raises(Overtaken, match=f"{gone} is rejected by now"):
        emitted(con, state, tmp_path)
    assert not (tmp_path / "batches").exists()
    assert emitted(con, state, tmp_path).actions == 2


def test_a_late_answer_counts_for_the_version_it_answers(state: State, tmp_path: Path) -> None:
    con = warehouse(1)
    planned(con)
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    first = emitted(con, state, tmp_path)
    con.execute("update recon.breaks set evidence_hash = 'other', payload = json_object('hours', '8:00', 'entry', '1')")
    planned(con, decisions=decisions(state), run_id="R2")
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    second = emitted(con, state, tmp_path)

    answer(first.path)
    read_results(state, tmp_path / "batches", at=AT)

    assert versions(state) == [(1, first.batch_id, "applied"), (2, second.batch_id, "emitted")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("oops", "Invalid JSON"),
        ("[]", "object"),
        ('{"idempotency_key": "k", "attempt": 1, "outcome": "applied"}', "action_id: Field required"),
        ('{"action_id": "ACT-1", "idempotency_key": "k", "attempt": "once", "outcome": "applied"}', "attempt: "),
        ('{"action_id": "ACT-1", "idempotency_key": "k", "attempt": 1, "outcome": "splendid"}', "outcome: "),
        ('{"action_id": "ACT-1", "idempotency_key": "k", "attempt": 1, "outcome": "applied", "at": []}', "at: "),
    ],
)
def test_a_line_that_is_no_answer_is_named_once_and_stops_no_other(
    state: State, tmp_path: Path, line: str, why: str
) -> None:
    con = ready()
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    batch = emitted(con, state, tmp_path)
    answer(batch.path)
    good = (batch.path / "results.jsonl").read_text().splitlines(keepends=True)
    (batch.path / "results.jsonl").write_text("".join([good[0], f"{line}\n", good[2]]))

    with pytest.raises(BatchBroken, match=rf"results\.jsonl, line 2: .*{why}") as caught:
        read_results(state, tmp_path / "batches", at=AT)

    assert "the others were taken" in str(caught.value).lower()
    assert read_results(state, tmp_path / "batches", at=AT) == 0, "named once"
    assert sorted(status for _, _, status in versions(state)) == ["applied", "applied", "emitted"]
    (batch.path / "results.jsonl").write_text("".join(good))
    assert read_results(state, tmp_path / "batches", at=AT) == 1


def test_a_message_may_hold_any_character(state: State, tmp_path: Path) -> None:
    con = ready()
    approve(con, state, ids(con), CLEO, "fine", at=AT)
    batch = emitted(con, state, tmp_path)
    answer(batch.path)
    path = batch.path / "results.jsonl"
    path.write_text(path.read_text().replace('"message": ""', '"message": "two\u2028lines"'), "utf-8")

    assert read_results(state, tmp_path / "batches", at=AT) == 3


def versions(state: State) -> list[tuple[int, str, str]]:
    with state.read() as connection:
        found = frame(connection, schema.actions).sort("action_id", "version")
    return found.select("version", "batch_id", "status").rows()


def vars_of(correction: Correction) -> dict[str, object]:
    return {name: getattr(correction, name) for name in correction.__dataclass_fields__}
