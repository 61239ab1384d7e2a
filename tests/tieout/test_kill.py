"""A run may be killed at any moment: what was published stays readable, and the next run ends where it would have."""

from __future__ import annotations

import datetime as dt
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import pipeline, publish
from contracts.state import acquire_lease, open_state, release_lease, this_process
from contracts.state.lease import LeaseHeld
from tests.tieout.loop import Correction, Firm

ROOT = Path(__file__).resolve().parents[2]
#: What a run found and proposes, without the name of the run.
FOUND = {
    "breaks": "select * exclude (run_id) from recon.breaks order by break_id",
    "records": "select * exclude (run_id) from recon.break_records order by all",
    "actions": "select * exclude (run_id) from recon.actions order by action_id",
    "proofs": "select * exclude (run_id) from recon.proofs order by all",
}


def start(folder: Path) -> subprocess.Popen[bytes]:
    """`tieout run` in a process of its own."""
    command = [sys.executable, "-m", "app.cli", "run", "--project", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def found(one: Firm) -> dict[str, list[tuple[object, ...]]]:
    """Everything the published snapshot says."""
    return {name: one.rows(query) for name, query in FOUND.items()}


def test_a_second_run_says_who_is_at_work(typical_copy: Firm) -> None:
    project = typical_copy.project
    state, now = open_state(project.state), dt.datetime.now(dt.UTC)
    lease = acquire_lease(state, str(project.root), this_process(), now, dt.timedelta(minutes=5))
    try:
        with pytest.raises(LeaseHeld, match=this_process()):
            pipeline.run(project)
        second = start(typical_copy.folder)
        said, _ = second.communicate(timeout=120)
        assert second.returncode == 2
        assert this_process() in said.decode()
    finally:
        release_lease(state, lease, now)


def test_the_lease_of_a_killed_run_is_taken_over(typical_copy: Firm) -> None:
    project = typical_copy.project
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    holder = f"{this_process().rpartition('/')[0]}/{gone.pid}"
    acquire_lease(open_state(project.state), str(project.root), holder, dt.datetime.now(dt.UTC), dt.timedelta(hours=1))
    assert pipeline.run(project).is_unchanged


@pytest.mark.long(minutes=6)
def test_runs_killed_at_random_moments_end_where_an_undisturbed_run_ends(
    typical_copy: Firm, put_right: Correction
) -> None:
    typical_copy.approve_all()
    typical_copy.deliver()  # the exports have changed: the next run has work to do
    calm = found(put_right.firm)  # what the same corrections lead to where nobody kills a run
    published = publish.current(typical_copy.project)
    before = found(typical_copy)
    dice = random.Random(7)
    for _ in range(20):
        running = start(typical_copy.folder)
        try:
            running.wait(dice.uniform(0.3, put_right.seconds))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
        running.communicate()
        pointer = publish.current(typical_copy.project)
        assert pointer is not None
        if pointer == published:
            assert found(typical_copy) == before
        else:
            assert found(typical_copy) == calm
    typical_copy.run()
    assert found(typical_copy) == calm
    assert typical_copy.run().is_unchanged
