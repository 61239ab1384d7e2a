"""The pipeline: one pass ties the chain together, a second does nothing, a killed one is repeated."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app import build, fingerprint, links, metrics, pipeline, project, publish, reconciliation, warehouse
from app.data import Snapshot
from app.diff import between
from app.filters import BreakFilter
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


def test_a_file_that_is_no_snapshot_is_neither_shown_nor_dropped(ran: Project) -> None:
    (snapshot,) = publish.snapshots(ran)
    foreign = snapshot.with_name("copy.duckdb")
    foreign.write_bytes(b"not ours")

    assert publish.snapshots(ran) == [snapshot]
    assert foreign.exists()


def test_a_snapshot_or_a_pointer_that_cannot_be_read_says_what_to_do(ran: Project) -> None:
    (snapshot,) = publish.snapshots(ran)
    snapshot.write_bytes(b"damaged")
    with pytest.raises(publish.Unreadable, match="This snapshot cannot be read. Delete it"):
        publish.open_current(ran)
    (snapshot.parent / publish.POINTER).write_text("{", "utf-8")
    with pytest.raises(publish.Unreadable, match="This does not say which run counts. Delete it"):
        publish.current(ran)


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


@pytest.mark.long
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


@pytest.mark.long
def test_only_as_many_snapshots_are_kept_as_the_project_says(ran: Project) -> None:
    few = ran.model_copy(update={"keep_snapshots": 2})
    for posted in (3, 4):
        write_time(ran.root, posted=posted)
        newest = pipeline.run(few)

    kept = publish.snapshots(few)
    assert len(kept) == 2
    assert kept[0] == newest.snapshot


def test_a_step_refuses_when_the_one_before_was_not_done_for_what_is_landed_now(ran: Project) -> None:
    write_time(ran.root, posted=4)
    pipeline.land(ran)

    steps: tuple[Callable[[Project], object], ...] = (pipeline.plan, pipeline.publish_run, pipeline.reconcile)
    for step in steps:
        with pytest.raises(pipeline.OutOfStep):
            step(ran)

    summary = pipeline.run(ran)
    assert (summary.is_unchanged, summary.breaks) == (False, 0)


def test_the_steps_one_by_one_are_the_run(tiny: Project) -> None:
    pipeline.land(tiny)
    pipeline.build(tiny)
    run_id = pipeline.reconcile(tiny)
    assert pipeline.plan(tiny) == run_id
    pipeline.publish_run(tiny)

    summary = pipeline.run(tiny)

    assert (summary.is_unchanged, summary.run_id) == (True, run_id)
    assert (summary.breaks, summary.actions, summary.proofs > 0) == (2, {"proposed": 2}, True)
    with publish.open_current(tiny) as con:
        assert con.execute("select distinct run_id from recon.proofs").fetchall() == [(run_id,)]
        assert con.execute("select distinct run_id from recon.breaks").fetchall() == [(run_id,)]
    with open_state(tiny.state).read() as connection:
        assert [(row["run_id"], row["status"]) for row in rows(connection, schema.runs)] == [(run_id, "done")]


@pytest.mark.long
def test_a_step_repeated_after_the_run_changes_nothing(ran: Project) -> None:
    write_time(ran.root, posted=4)
    run_id = pipeline.run(ran).run_id
    for _ in range(2):
        assert pipeline.reconcile(ran) == pipeline.plan(ran) == run_id
        pipeline.publish_run(ran)
    assert statuses(ran, "breaks") == ["cleared", "cleared"]


def test_a_plan_goes_on_with_the_checks_and_the_day_that_were_reconciled(ran: Project) -> None:
    day = dt.date(2026, 3, 5)
    pipeline.build(ran, as_of_date=day)
    run_id = pipeline.reconcile(ran, as_of_date=day, checks=("K14",))
    with pytest.raises(pipeline.OutOfStep):
        pipeline.plan(ran, as_of_date=dt.date(2026, 3, 4))
    with warehouse.opened(ran) as con:
        con.execute("update recon.proofs set status = 'failed'")

    assert pipeline.plan(ran) == run_id
    path = pipeline.publish_run(ran)

    assert path.stem == run_id
    assert statuses(ran, "actions") == ["superseded", "superseded"]


@pytest.mark.long
def test_a_change_of_the_firms_own_rules_is_another_run(ran: Project) -> None:
    rules = ran.root / "rules"
    rules.mkdir()
    own = ran.model_copy(update={"rules_path": rules})
    found = []
    for name, text in (("mine.py", "RULE = 1"), ("mine.py", "RULE = 2"), ("mine.py", "RULE = 2"), ("codes.csv", "A")):
        (rules / name).write_text(text)
        found.append(pipeline.run(own).is_unchanged)
    assert found == [False, False, True, False]


@pytest.mark.parametrize("module", [links, metrics, pipeline, publish, project, reconciliation, build])
def test_the_code_behind_a_figure_is_part_of_the_run(module: ModuleType, tmp_path: Path, monkeypatch: Any) -> None:
    source = Path(str(module.__file__))
    copy = tmp_path / "app" / source.name
    copy.parent.mkdir()
    copy.write_bytes(source.read_bytes())
    monkeypatch.setattr(fingerprint, "CODE", tmp_path)
    before = fingerprint.code.__wrapped__()
    copy.write_bytes(source.read_bytes() + b"#")
    assert fingerprint.code.__wrapped__() != before


def test_a_project_may_lie_in_any_folder(ran: Project) -> None:
    folder = ran.root / 'O\'Hara & "Söhne"'
    shutil.copytree(ran.root, folder, ignore=shutil.ignore_patterns(folder.name))
    moved = Project.load(folder)
    first = pipeline.run(moved)
    write_time(moved.root, posted=4)
    second = pipeline.run(moved)
    assert (first.is_unchanged, second.breaks) == (True, 0)
    assert [row["change"] for row in between(moved, first.run_id, second.run_id)["breaks"]] == ["gone", "gone"]


@pytest.mark.long
def test_every_snapshot_speaks_for_its_own_run(ran: Project) -> None:
    """Several on one day, and one for an earlier day after them."""
    summaries = []
    for entries, posted, day in ((4, 3, None), (4, 4, None), (6, 4, None), (6, 5, dt.date(2026, 3, 5))):
        write_time(ran.root, entries=entries, posted=posted)
        summaries.append(pipeline.run(ran, as_of_date=day))

    assert len({one.run_id for one in summaries}) == 4
    before = None
    for summary, new in zip(summaries, (0, 0, 2, 0), strict=True):
        snapshot = Snapshot.open(summary.snapshot)
        own = snapshot.run()
        assert (own["run_id"], own["as_of"].isoformat()) == (summary.run_id, summary.as_of)
        assert before is None or own["previous_run_id"] == before
        assert snapshot.changes(BreakFilter())["new"] == new
        snapshot.connection.close()
        before = summary.run_id


@pytest.mark.long
def test_a_run_done_before_is_numbered_anew_and_the_others_stay_known(ran: Project) -> None:
    first = pipeline.run(ran)
    second = pipeline.run(ran, as_of_date=dt.date(2026, 3, 5))
    again = pipeline.run(ran)

    assert again.run_id == first.run_id != second.run_id
    with publish.open_current(ran) as con:
        told = con.execute("select sequence, run_id, previous_run_id from recon.runs order by 1").fetchall()
    assert told == [(2, second.run_id, first.run_id), (3, first.run_id, second.run_id)]


def test_what_a_run_does_is_in_an_unbroken_audit_log(ran: Project) -> None:
    approve_all(ran)
    apply_batch(ran.root, emit_batch(ran))
    pipeline.run(ran)

    with open_state(ran.state).read() as connection:
        assert verify(connection) >= 4
