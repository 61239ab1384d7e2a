"""The pipeline: one pass ties the chain together, a second does nothing, a killed one is repeated."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

import pytest

from app import pipeline, publish, warehouse
from app.project import Project
from contracts.state import LeaseHeld, acquire_lease, open_state, rows, schema
from contracts.state.audit import verify
from ingest.sandbox.apply import apply_batch
from reconcile.approvals import Approver, approve
from reconcile.outbox import emit
from tests.app.world import write_time

AT = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
CLEO = Approver("cleo", ("controller",))


def approve_all(project: Project) -> None:
    state = open_state(project.state)
    with publish.open_current(project) as con:
        names = [
            row[0] for row in con.execute("select action_id from recon.actions where status = 'proposed'").fetchall()
        ]
        assert approve(con, state, names, CLEO, "fine", at=AT).approved == tuple(sorted(names))


def emit_batch(project: Project) -> Path:
    with publish.open_current(project) as con:
        batch = emit(con, open_state(project.state), pipeline.batches(project), actor="cleo", at=AT)
    assert batch is not None
    return batch.path


def statuses(project: Project, table: str) -> list[str]:
    with publish.open_current(project) as con:
        return [row[0] for row in con.execute(f"select status from recon.{table} order by 1").fetchall()]


def test_a_run_lands_reconciles_plans_and_publishes(tiny: Project) -> None:
    summary = pipeline.run(tiny)

    assert (summary.breaks, summary.roots, summary.impact) == (2, 2, Decimal(200))
    assert summary.actions == {"proposed": 2}
    assert summary.snapshot.is_file()
    assert summary.proofs_failed == 0


def test_figures_are_computed_by_one_thread_and_everything_else_by_all(tiny: Project) -> None:
    with warehouse.opened(tiny) as con:
        con.execute("set threads = 3")
        for schema_name in ("marts", "metrics", "recon"):
            con.execute(f"create schema {schema_name}")
        for table in ("rules", "coverage", "proofs", "runs"):
            con.execute(f"create table recon.{table} (run_id varchar)")
        for view in ("marts.task", "metrics.metric_values"):
            con.execute(f"create view {view} as select current_setting('threads') as threads")
        publish.publish(con, tiny, run_id="RUN-1", as_of="2026-03-06", fingerprint="made up")
        assert con.execute("select current_setting('threads')").fetchall() == [(3,)]
    with publish.open_current(tiny) as con:
        found = con.execute("select task.threads, value.threads from marts.task, metrics.metric_values as value")
        assert found.fetchall() == [(3, 1)]


def test_the_same_input_again_is_the_same_run_and_rebuilds_nothing(ran: Project) -> None:
    first = publish.current(ran)
    (snapshot,) = publish.snapshots(ran)
    written = snapshot.stat().st_mtime_ns

    again = pipeline.run(ran)

    assert again.is_unchanged
    assert first is not None
    assert again.run_id == first.run_id
    assert again.snapshot == snapshot
    assert snapshot.stat().st_mtime_ns == written


def test_approved_emitted_applied_and_run_again_every_break_is_verified(ran: Project) -> None:
    approve_all(ran)
    batch = emit_batch(ran)

    answers = apply_batch(ran.root, batch)
    summary = pipeline.run(ran)

    assert [answer["outcome"] for answer in answers] == ["applied", "applied"]
    assert summary.breaks == 0
    assert statuses(ran, "breaks") == ["verified", "verified"]
    assert statuses(ran, "actions") == ["verified", "verified"]


def test_emitting_and_applying_twice_changes_nothing(ran: Project) -> None:
    approve_all(ran)
    batch = emit_batch(ran)
    first = {path.name: path.read_bytes() for path in batch.iterdir()}
    apply_batch(ran.root, batch)
    exported = {path: path.read_bytes() for path in sorted((ran.root / "exports").rglob("*.*"))}
    answered = (batch / "results.jsonl").read_bytes()

    again = emit_batch(ran)
    apply_batch(ran.root, again)

    assert again == batch
    assert {path.name: path.read_bytes() for path in batch.iterdir()} == first | {"results.jsonl": answered}
    assert {path: path.read_bytes() for path in sorted((ran.root / "exports").rglob("*.*"))} == exported


def test_a_break_whose_entry_arrives_after_all_is_cleared(ran: Project) -> None:
    write_time(ran.root, posted=4)
    pipeline.run(ran)
    assert statuses(ran, "breaks") == ["cleared", "cleared"]


def test_while_a_run_is_at_work_a_second_one_says_who_holds_the_lease(tiny: Project) -> None:
    state = open_state(tiny.state)
    acquire_lease(state, str(tiny.root), f"ana@elsewhere/{os.getpid()}", dt.datetime.now(dt.UTC), pipeline.LEASE)

    with pytest.raises(LeaseHeld, match="ana@elsewhere"):
        pipeline.run(tiny)


@pytest.mark.parametrize("step", ["_build", "_reconcile", "_plan", "_commit"])
def test_a_run_that_died_in_any_step_is_repeated_to_the_same_end(
    tiny: Project, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    whole = getattr(pipeline, step)

    def dies(*arguments: object, **named: object) -> None:
        whole(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(pipeline, step, dies)
        with pytest.raises(KeyboardInterrupt):
            pipeline.run(tiny)
    summary = pipeline.run(tiny)

    assert (summary.breaks, summary.actions) == (2, {"proposed": 2})
    with open_state(tiny.state).read() as connection:
        assert {row["status"] for row in rows(connection, schema.runs)} == {"done"}


def test_the_last_snapshot_stays_in_place_while_a_run_fails(ran: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish.current(ran)
    write_time(ran.root, posted=3)
    monkeypatch.setattr(pipeline, "_plan", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        pipeline.run(ran)

    pointer = publish.current(ran)
    assert pointer == first is not None
    assert statuses(ran, "breaks") == ["proposed", "proposed"]


def test_only_as_many_snapshots_are_kept_as_the_project_says(ran: Project) -> None:
    few = ran.model_copy(update={"keep_snapshots": 2})
    for posted in (3, 4):
        write_time(ran.root, posted=posted)
        newest = pipeline.run(few)

    kept = publish.snapshots(few)
    assert len(kept) == 2
    assert kept[0] == newest.snapshot


def test_what_a_run_does_is_in_an_unbroken_audit_log(ran: Project) -> None:
    approve_all(ran)
    apply_batch(ran.root, emit_batch(ran))
    pipeline.run(ran)

    with open_state(ran.state).read() as connection:
        assert verify(connection) >= 4
