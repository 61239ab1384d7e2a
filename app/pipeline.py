"""Runs the whole chain: land, build, reconcile, plan, publish. Repeated, it does only what changed.

A run is named by what goes into it: loads, code, contracts and rules, configuration, as_of, and the decisions people
took. The same again is the same run, and nothing is rebuilt. A step by itself goes on from what the step before it was
done for, and refuses when that is not what the project says any more. Every step either completes or leaves no trace:
raw files are committed load by load, models and reconciliation are rebuilt when their step was not finished, the
published pointer is switched in one move, and the state store is written last, under the run's id. A killed run is
repeated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app import fingerprint, publish, warehouse
from app.fingerprint import Made
from app.project import Project
from app.summary import RunSummary, summarise
from contracts.errors import ConfigError, TieoutError
from contracts.ownership import Ownership, load_ownership
from contracts.state import (
    State,
    acquire_lease,
    finish_run,
    last_run,
    mark_actions,
    open_state,
    put_people,
    release_lease,
    renew_lease,
    start_run,
    this_process,
    void_approvals,
)

if TYPE_CHECKING:
    import duckdb
    from sqlalchemy import Connection

    from contracts.state import Lease
    from ingest.land import Landing
    from ingest.quarantine import Replay
    from reconcile.approvals import Approver

__all__ = [
    "NothingLanded", "OutOfStep", "ProofFailed", "as_of", "batches", "build", "discard", "land", "plan", "publish_run",
    "reconcile", "replay", "run", "targets",
]  # fmt: skip

#: Told what is happening: the step, a detail, how much is done and how much there is (0: unknown).
Progress = Callable[[str, str, int, int], None]

LEASE = dt.timedelta(minutes=30)


class ProofFailed(TieoutError):
    """Breaks do not explain the variance of a rule: nothing it says can be relied on."""


class NothingLanded(TieoutError):
    """There are no rows to work with."""

    def __init__(self, project: Project) -> None:
        super().__init__("Nothing was landed yet", where=str(project.root), then="Start with `tieout run`.")


class OutOfStep(TieoutError):
    """The step before was not done for what is landed, configured and decided now."""


@dataclass
class _Run:
    """What a run carries from step to step."""

    project: Project
    state: State
    lease: Lease
    now: Callable[[], dt.datetime]
    progress: Progress
    landings: dict[str, Landing] = field(default_factory=dict)
    #: What keeps the warehouse open between the steps.
    held: duckdb.DuckDBPyConnection | None = None

    def hold(self, con: duckdb.DuckDBPyConnection) -> None:
        """Keep the warehouse of a small firm open after `con`: DuckDB opens it in longer than most steps take.

        That of a large one is closed after each step, so that its memory is given back.
        """
        self.held = con.cursor() if warehouse.is_small(con) else None

    def let_go(self) -> None:
        """Leave the warehouse to somebody who opens it by himself."""
        if self.held is not None:
            self.held.close()
            self.held = None

    def renew(self) -> None:
        """Say that this run is still at work; raise when another one took over."""
        self.lease = renew_lease(self.state, self.lease, self.now(), LEASE)


def run(
    project: Project,
    *,
    as_of_date: dt.date | None = None,
    verify: bool = False,
    checks: tuple[str, ...] = (),
    prepared_by: str = "system",
    progress: Progress | None = None,
    now: Callable[[], dt.datetime] | None = None,
) -> RunSummary:
    """Bring the project up to date and publish it; the same input gives the same run.

    `checks` limits the rules to some; what the others found before is carried unchanged.

    Raises `LeaseHeld` while another run is at work, `ProofFailed` when a rule's proof does not hold (after publishing
    what was found, without actions for that rule).
    """
    from app.build import parsing_ahead, played
    from app.reconciliation import known_checks

    checks = known_checks(project, checks)
    with _working(project, progress, now) as work, parsing_ahead(project.warehouse, *played(project)):
        landings = _land(work, verify=verify)
        day = as_of_date or as_of(project)
        work.renew()
        made = _identity(work, day, checks)
        pointer = publish.current(project)
        if pointer is not None and pointer.fingerprint == made.whole:
            return summarise(project, pointer, landings, is_unchanged=True)
        _start(work, made)
        _build(work, made)
        work.renew()
        _reconcile(work, made)
        work.renew()
        voided = _plan(work, made, prepared_by)
        work.renew()
        _publish(work, made, voided)
        pointer = publish.current(project)
        if pointer is None:
            raise publish.NothingPublished(project)
        summary = summarise(project, pointer, landings, is_unchanged=False)
    if summary.proofs_failed:
        raise ProofFailed(
            f"{summary.proofs_failed} of {summary.proofs} proofs do not hold", where=made.run_id,
            then="See `tieout list proofs`; the rules concerned got no actions.",
        )  # fmt: skip
    return summary


def land(project: Project, *, verify: bool = False, progress: Progress | None = None) -> Mapping[str, Landing]:
    """Land every connection; the step `land` by itself."""
    with _working(project, progress, None) as work:
        return _land(work, verify=verify)


def build(project: Project, *, as_of_date: dt.date | None = None, progress: Progress | None = None) -> None:
    """Build the models and the crosswalk from what is landed; the step `build` by itself."""
    with _working(project, progress, None) as work:
        _refuse_empty(project)
        _build(work, _identity(work, as_of_date or as_of(project)))


def reconcile(project: Project, *, as_of_date: dt.date | None = None, checks: tuple[str, ...] = (),
              progress: Progress | None = None) -> str:  # fmt: skip
    """Run the rules over what is built; the step `reconcile` by itself. Returns the run id.

    Raises `OutOfStep` when the models are not built from what is landed and configured now.
    """
    from app.reconciliation import known_checks

    checks = known_checks(project, checks)
    with _working(project, progress, None) as work:
        _refuse_empty(project)
        made = _identity(work, as_of_date or as_of(project), checks)
        with warehouse.opened(project) as con:
            built = warehouse.done_for(con, "build")
        if built != made.built:
            raise OutOfStep(
                f"The models are not built from what is landed, configured and decided as of {made.day}",
                where=str(project.root), then="Start with `tieout build`, or do everything with `tieout run`.",
            )  # fmt: skip
        _reconcile(work, made)
        return made.run_id


def plan(project: Project, *, as_of_date: dt.date | None = None, prepared_by: str = "system",
         progress: Progress | None = None) -> str:  # fmt: skip
    """Propose actions for the breaks found; the step `plan` by itself. Returns the run id.

    It goes on with what was reconciled, its day and its checks; raises `OutOfStep` when that is out of date.
    """
    with _working(project, progress, None) as work:
        made = _done(work, "reconcile", as_of_date)
        voided = _plan(work, made, prepared_by)
        with work.state.begin() as connection:
            _void(work, connection, made.run_id, voided)
        return made.run_id


def publish_run(project: Project, *, as_of_date: dt.date | None = None) -> Path:
    """Publish what was planned, after single steps were repeated by hand; raises `OutOfStep` when it is out of date."""
    with _working(project, None, None) as work:
        made = _done(work, "plan", as_of_date)
        _start(work, made)
        return _publish(work, made, {})


def replay(project: Project, row_ids: Iterable[int] | None = None) -> Replay:
    """Judge open rows of the quarantine again (all, or those named); what is good now comes in with the next run."""
    from ingest.quarantine import replay as judge_again

    with _working(project, None, None):
        _refuse_empty(project)
        sources = [project.source(name) for name in sorted(project.connections)]
        with warehouse.opened(project) as con:
            return judge_again(con, sources, root=project.root, row_ids=row_ids)


def discard(project: Project, row_ids: Iterable[int], *, by: Approver, reason: str) -> int:
    """Say that open rows of the quarantine will never come in, in the name of a person; how many they were."""
    from contracts.state import discard as record
    from ingest.quarantine import discard as put_away
    from ingest.quarantine import open_rows

    wanted = sorted(set(row_ids))
    with _working(project, None, None) as work, warehouse.opened(project) as con:
        found = open_rows(con, wanted)
        missing = sorted(set(wanted) - {row["row_id"] for row in found})
        if missing:
            raise ConfigError(f"No open row {missing[0]} is set aside", then="See `tieout quarantine`.")
        with work.state.begin() as connection:
            record(connection, found, by=by.person, reason=reason, at=work.now(), acting_for=by.actor)
            return put_away(con, wanted)


def as_of(project: Project) -> dt.date:
    """The date a run speaks for: the project's, else that of the latest extraction landed. Never the clock."""
    if project.as_of is not None:
        return project.as_of
    with warehouse.opened(project) as con:
        row = con.execute("select max(watermark) from raw.watermarks").fetchone()
    if row is None or row[0] is None:
        raise ConfigError("No connection has a watermark", where=str(project.root), then="Set as_of in tieout.yml.")
    moment: dt.datetime = row[0].replace(tzinfo=dt.UTC)
    return moment.astimezone(ZoneInfo(project.time_zone)).date()


def batches(project: Project) -> Path:
    """Where emitted batches lie."""
    return project.root / "batches"


def targets(project: Project) -> list[Any]:
    """The connections that corrections may be meant for, with the calls their systems take."""
    from contracts.registry import discover
    from reconcile.corrections import Target

    systems = discover("ingest.systems", "SYSTEM")
    return [
        Target(name, one.system, tuple(str(role) for role in project.roles(name)), tuple(systems[one.system].writes))
        for name, one in sorted(project.connections.items())
    ]


@contextmanager
def _working(project: Project, progress: Progress | None, now: Callable[[], dt.datetime] | None) -> Iterator[_Run]:
    """Hold the lease of a project while working on it, after repairing what a killed run left."""
    from ingest.loads import prepare

    clock = now or _clock
    state = open_state(project.state)
    lease = acquire_lease(state, str(project.root), this_process(), clock(), LEASE)
    work = _Run(project, state, lease, clock, progress or _quiet)
    try:
        with warehouse.opened(project) as con:
            prepare(con)
            work.hold(con)
        _repair(work)
        yield work
    finally:
        work.let_go()
        release_lease(state, work.lease, clock())
        state.close()


def _clock() -> dt.datetime:
    """The wall clock: for leases and the audit log only, never for a figure."""
    return dt.datetime.now(dt.UTC)


def _quiet(step: str, detail: str, done: int, total: int) -> None:
    """Nobody is watching."""


def _repair(work: _Run) -> None:
    """Finish what a killed run left: published but not committed counts as done; never published counts for nothing."""
    with work.state.read() as connection:
        last = last_run(connection, project=str(work.project.root))
    pointer = publish.current(work.project)
    if last is not None and last["status"] in ("started", "published") and pointer is not None:
        if pointer.run_id == last["run_id"]:
            _commit(work, pointer.run_id, work.project.folder("published") / pointer.file, {})
        else:
            with work.state.begin() as connection:
                finish_run(connection, last["run_id"], "failed", at=work.now(), summary={"reason": "interrupted"})
    with work.state.begin() as connection:
        put_people(connection, _people(work.project))


def _people(project: Project) -> list[dict[str, Any]]:
    return [
        {
            "person": name, "name": one.name, "email": one.email, "roles": [str(role) for role in one.roles],
            "limits": {currency: str(limit) for currency, limit in one.limits.items()},
            "act_for": list(project.act_for.get(name, ())),
        }
        for name, one in sorted(project.people.items())
    ]  # fmt: skip


def _land(work: _Run, *, verify: bool) -> dict[str, Landing]:
    from ingest.land import land as land_connection

    with warehouse.opened(work.project) as con:
        for name in sorted(work.project.connections):

            def told(stream: str, done: int, total: int, name: str = name) -> None:
                work.progress("land", f"{name}.{stream}", done, total)

            work.landings[name] = land_connection(
                con, work.project.source(name), root=work.project.root, verify=verify, progress=told
            )
    return work.landings


def _refuse_empty(project: Project) -> None:
    with warehouse.opened(project) as con:
        if con.execute("select 1 from raw.streams limit 1").fetchone() is None:
            raise NothingLanded(project)


def _identity(work: _Run, day: dt.date, checks: tuple[str, ...] = ()) -> Made:
    """What a run is made from as the project stands now, with the answers that arrived."""
    from reconcile.outbox import read_results

    read_results(work.state, batches(work.project), at=work.now())
    with warehouse.opened(work.project) as con:
        built = fingerprint.of_build(con, work.project, work.state, day)
    return Made(day, tuple(sorted(checks)), built, fingerprint.of_run(built, work.state, checks))


def _done(work: _Run, step: str, day: dt.date | None) -> Made:
    """What a step was completed for, as long as the project says the same now."""
    _refuse_empty(work.project)
    with warehouse.opened(work.project) as con:
        text = warehouse.done_for(con, step)
    made = Made.read(text) if text else None
    if made is None or made != _identity(work, day or made.day, made.checks):
        raise OutOfStep(
            f"The step {step} was not done for what is landed, configured and decided now",
            where=str(work.project.root),
            then="Repeat the steps from `tieout build` on, or do everything with `tieout run`.",
        )  # fmt: skip
    return made


def _start(work: _Run, made: Made) -> None:
    with work.state.begin() as connection:
        start_run(
            connection, made.run_id, project=str(work.project.root), fingerprint=made.whole, as_of=made.day,
            at=work.now(), token=work.lease.token,
        )  # fmt: skip


def _build(work: _Run, made: Made) -> None:
    """Staging, crosswalk, the rest; skipped when the same was built to its end before."""
    from app.build import build as build_models

    with warehouse.opened(work.project) as con:
        if warehouse.done_for(con, "build") == made.built:
            return
        warehouse.forget(con, "build", "reconcile", "plan")
    work.let_go()
    build_models(
        work.project,
        work.state,
        as_of=made.day,
        progress=lambda detail, done, total: work.progress("build", detail, done, total),
    )
    with warehouse.opened(work.project) as con:
        warehouse.mark_done(con, "build", made.built)
        work.hold(con)


def _reconcile(work: _Run, made: Made) -> None:
    """The rules; skipped when the same was reconciled to its end before."""
    from app.reconciliation import reconcile as run_rules

    with warehouse.opened(work.project) as con:
        if warehouse.done_for(con, "reconcile") == made.text:
            return
        warehouse.forget(con, "reconcile", "plan")
        work.progress("reconcile", "", 0, 0)
        with _sparingly(con), publish.attached(con, work.project) as before:
            run_rules(
                con, work.project, work.state, as_of=made.day, run_id=made.run_id, checks=made.checks,
                previous=f"{before}.recon" if before else None,
            )  # fmt: skip
        warehouse.mark_done(con, "reconcile", made.text)


def _sparingly(con: duckdb.DuckDBPyConnection) -> AbstractContextManager[None]:
    """The rules and plans of a small firm are computed by one thread: waking another takes longer than they do."""
    return warehouse.in_one_thread(con) if warehouse.is_small(con) else nullcontext()


def _plan(work: _Run, made: Made, prepared_by: str) -> dict[str, str]:
    """Propose actions where the proofs hold; returns action -> evidence of approvals that are void now."""
    from app.metrics import add_found
    from app.reconciliation import all_rules
    from reconcile.approvals import decisions
    from reconcile.plan import plan as plan_actions

    work.progress("plan", "", 0, 0)
    with warehouse.opened(work.project) as con, _sparingly(con), publish.attached(con, work.project) as before:
        warehouse.forget(con, "plan")
        failed = {
            row[0]
            for row in con.execute(
                "select distinct check_id from recon.proofs where status = 'failed' and run_id = ?", [made.run_id]
            ).fetchall()
        }
        planned = plan_actions(
            con,
            run_id=made.run_id,
            as_of=made.day,
            rules=[rule for rule in all_rules(work.project) if rule.check not in failed],
            targets=targets(work.project),
            decisions=decisions(work.state, prepared_by),
            approval=_approval(work.project),
            ownership=_ownership(work.project),
            previous=f"{before}.recon.actions" if before else None,
        )
        names = [name for name, _ in planned.voided]
        rows = con.execute(
            "select action_id, evidence_hash from recon.actions where action_id in (select unnest(?))", [names]
        ).fetchall()
        add_found(con, made.run_id)
        warehouse.mark_done(con, "plan", made.text)
    return dict(rows)


def _ownership(project: Project) -> Ownership:
    """Who may correct what, with the project's departures."""
    return load_ownership(
        {
            "entity": row.entity, "fields": [] if row.field == "*" else [row.field], "connection": row.connection,
            "legal_entity": row.legal_entity, "update": row.update,
        }
        for row in project.ownership
        if row.update
    )  # fmt: skip


def _approval(project: Project) -> dict[str, tuple[str | None, str | None]]:
    """The project's departures from who approves what: kind -> (policy, role)."""
    kinds = set(project.approval.policies) | set(project.approval.roles)
    return {
        kind.value: (
            policy.value if (policy := project.approval.policies.get(kind)) else None,
            role.value if (role := project.approval.roles.get(kind)) else None,
        )
        for kind in kinds
    }


def _publish(work: _Run, made: Made, voided: Mapping[str, str]) -> Path:
    """Write the snapshot and switch to it, then tell the state store."""
    work.progress("publish", made.run_id, 0, 0)
    with warehouse.opened(work.project) as con:
        path = publish.publish(
            con, work.project, run_id=made.run_id, as_of=made.day.isoformat(), fingerprint=made.whole
        )
    _commit(work, made.run_id, path, voided)
    return path


def _commit(work: _Run, run_id: str, path: Path, voided: Mapping[str, str]) -> None:
    """Write the run's outcome into the state store; written twice, it is the same."""
    with publish.open_snapshot(path) as con:
        moved = con.execute(
            "select status, action_id, version from recon.actions where batch_id is not null order by all"
        ).fetchall()
        counts = con.execute("select status, count(*) from recon.breaks group by all order by all").fetchall()
    by_status: dict[str, list[tuple[str, int]]] = {}
    for status, action_id, version in moved:
        by_status.setdefault(status, []).append((action_id, version))
    with work.state.begin() as connection:
        for status, versions in by_status.items():
            mark_actions(connection, versions, status, at=work.now())
        _void(work, connection, run_id, voided)
        finish_run(connection, run_id, "done", at=work.now(), snapshot=path.name, summary=dict(counts))


def _void(work: _Run, connection: Connection, run_id: str, voided: Mapping[str, str]) -> None:
    """Approvals of what is not there any more as it was approved count no longer."""
    if voided:
        void_approvals(connection, voided, reason=f"the evidence changed in run {run_id}", at=work.now())
