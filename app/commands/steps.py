"""The steps of a run, one verb each, and `run` for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import console
from app.commands import options
from app.commands.options import HERE, AsOf, Json, ProjectDir, actor, as_date, load, now, state
from contracts.breaks import STANDING, among, worth
from contracts.errors import ConfigError

if TYPE_CHECKING:
    from app.summary import RunSummary
    from ingest.land import Landing

__all__ = ["add_to", "show_summary"]

FailOn = Annotated[
    str, typer.Option("--fail-on", help="Exit with 1 when a break of this severity stands: s1, s2, s3 or never.")
]
Checks = Annotated[list[str] | None, typer.Option("--check", help="Only this check, e.g. K14 (may be repeated).")]
_RANKS = {"s1": ("S1",), "s2": ("S1", "S2"), "s3": ("S1", "S2", "S3"), "never": ()}


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    for verb in (run, land, build, reconcile, plan, emit, send, demo):
        options.add_verb(app, verb)


def run(
    project: ProjectDir = HERE,
    as_of: AsOf = "",
    verify: Annotated[bool, typer.Option("--verify", help="Read files again that look untouched.")] = False,
    check: Checks = None,
    fail_on: FailOn = "never",
    json: Json = False,
) -> None:
    """Land, build, reconcile, plan and publish; repeated, only what changed."""
    from app import pipeline

    _known_severity(fail_on)
    with console.progress(quiet=json) as told:
        summary = pipeline.run(
            load(project), as_of_date=as_date(as_of), verify=verify, checks=tuple(check or ()), progress=told
        )
    if json:
        console.emit_json(summary.as_json())
    else:
        show_summary(summary)
    _exit(_reached(summary.by_severity, fail_on) or summary.exit_code)


def land(
    project: ProjectDir = HERE,
    verify: Annotated[bool, typer.Option("--verify", help="Read files again that look untouched.")] = False,
    json: Json = False,
) -> None:
    """Exports to raw: rejects and violations go to quarantine."""
    from app import pipeline

    with console.progress(quiet=json) as told:
        landings = pipeline.land(load(project), verify=verify, progress=told)
    streams = [
        {"connection": name, **{key: getattr(one, key) for key in _STREAM}}
        for name, landing in landings.items()
        for one in landing.streams
    ]
    if json:
        console.emit_json(streams)
    else:
        _show_landing(landings, streams)
    _exit(3 if any(landing.partial for landing in landings.values()) else 0)


def build(project: ProjectDir = HERE, as_of: AsOf = "") -> None:
    """Models and crosswalk from what is landed."""
    from app import pipeline

    with console.progress() as told:
        pipeline.build(load(project), as_of_date=as_date(as_of), progress=told)
    console.say("Built. Next: tieout reconcile")


def reconcile(
    project: ProjectDir = HERE,
    as_of: AsOf = "",
    check: Checks = None,
    fail_on: FailOn = "never",
    json: Json = False,
) -> None:
    """Run the rules over what is built; breaks and proofs go to recon."""
    from app import pipeline, warehouse
    from app.summary import NOT_RUN
    from reconcile.proofs import failures

    _known_severity(fail_on)
    loaded = load(project)
    with console.progress(quiet=json) as told:
        run_id = pipeline.reconcile(loaded, as_of_date=as_date(as_of), checks=tuple(check or ()), progress=told)
    with warehouse.opened(loaded) as con:
        rows, not_run = con.execute(_COUNTS).fetchall(), con.execute(NOT_RUN).fetchall()
        unproved = failures(con, "recon", run_id)
    found = [dict(zip(("check", "severity", "breaks", "impact"), row, strict=True)) for row in rows]
    if json:
        console.emit_json({"run_id": run_id, "checks": found, "not_run": dict(not_run), "not_proved": unproved})
    else:
        console.table(
            found,
            {"check": "Check", "severity": "Severity", "breaks": ">Breaks", "impact": f">Money {loaded.base_currency}"},
        )
        for name, reason in not_run:
            console.say(f"{name} did not run: {reason}")
        for message in unproved:
            console.say(f"Not proved: {message}")
    by_severity: dict[str, int] = {}
    for line in found:
        by_severity[line["severity"]] = by_severity.get(line["severity"], 0) + line["breaks"]
    _exit(_reached(by_severity, fail_on) or (2 if unproved else 3 if not_run else 0))


def plan(project: ProjectDir = HERE, as_of: AsOf = "", json: Json = False) -> None:
    """Breaks to proposed actions."""
    from app import pipeline, warehouse

    loaded = load(project)
    with console.progress(quiet=json) as told:
        run_id = pipeline.plan(loaded, as_of_date=as_date(as_of), prepared_by=actor(), progress=told)
    pipeline.publish_run(loaded, as_of_date=as_date(as_of))
    with warehouse.opened(loaded) as con:
        counts = dict(con.execute("select status, count(*) from recon.actions group by 1 order by 1").fetchall())
    if json:
        console.emit_json({"run_id": run_id, "actions": counts})
    else:
        console.say(", ".join(f"{count} {status}" for status, count in counts.items()) or "No action is called for.")


def emit(project: ProjectDir = HERE, json: Json = False) -> None:
    """Approved actions to one batch of files; prints its folder."""
    from app import pipeline
    from app.publish import open_current
    from reconcile.outbox import emit as write_batch

    loaded = load(project)
    with open_current(loaded) as con:
        batch = write_batch(con, state(loaded), pipeline.batches(loaded), actor=actor(), at=now())
    if batch is None:
        raise ConfigError("No action is approved and waiting", then="See `tieout actions`, then approve some.")
    if json:
        console.emit_json({**vars(batch), "path": str(batch.path)})
        return
    console.say(str(batch.path))
    if batch.held:
        console.fail(f"{len(batch.held)} approved actions are held: others they depend on are not approved.")
    if not batch.is_new:
        console.fail("This set was emitted before; nothing changed.")


def send(
    batch: Annotated[Path, typer.Argument(help="The folder of an emitted batch.")],
    project: ProjectDir = HERE,
    confirm: Annotated[bool, typer.Option("--confirm", help="Really deliver.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change.")] = False,
) -> None:
    """Deliver a batch to the systems; nothing leaves without --confirm."""
    from reconcile.outbox import read_batch

    loaded = load(project)
    folder = batch if batch.is_dir() else loaded.root / "batches" / batch.name
    manifest, actions = read_batch(folder)
    if dry_run or not confirm:
        rows = [
            {
                "connection": one["target"]["connection"],
                "request": f"{one['request']['method']} {one['request'].get('path') or one['request'].get('queue')}",
                "change": "; ".join(f"{c.get('field')}: {c.get('from')} -> {c.get('to')}" for c in one["changes"][:3]),
                "reason": one["reason"],
            }
            for one in actions
        ]
        console.table(rows, {"connection": "System", "request": "Call", "change": "Before -> after", "reason": "Why"})
        console.say(f"{manifest['actions']} actions; nothing was sent.")
        return
    on_files = sorted(
        {one["target"]["connection"] for one in actions if _reads_files(loaded, one["target"]["connection"])}
    )
    if on_files:
        raise ConfigError(
            f"Live delivery is not configured: {', '.join(on_files)} read files", where=str(folder),
            then="Hand actions.jsonl to whoever delivers it, or `tieout sandbox apply` in a sandbox.",
        )  # fmt: skip
    raise ConfigError(
        "Live delivery is not configured", where=str(folder), then="Hand actions.jsonl to whoever delivers it."
    )


def demo(
    folder: Annotated[Path, typer.Argument(help="Where to write it; a demo there starts over.")] = Path("demo"),
    size: Annotated[int, typer.Option(help="Consultants.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same firm.")] = 7,
    faults: Annotated[str, typer.Option(help="none, best, typical or poor.")] = "typical",
) -> None:
    """A synthetic firm, reconciled: what is wrong, whose fault, how much money, what would fix it."""
    from app.demo import show_demo

    _exit(show_demo(folder, size=size, seed=seed, faults=faults))


def show_summary(summary: RunSummary) -> None:
    """A run on one screen."""
    from app.format import money, words

    word = "unchanged" if summary.is_unchanged else "done"
    console.say(f"{summary.firm}: run {summary.run_id} as of {summary.as_of} {word}")
    total = money(summary.impact, summary.base_currency)
    console.say(
        f"{summary.breaks} breaks from {summary.roots} causes, {total} at their causes; "
        f"{summary.timing} more are only late; {summary.quarantined} rows in quarantine"
    )
    console.say(f"{summary.proofs - summary.proofs_failed} of {summary.proofs} proofs hold")
    if summary.identities and not summary.residuals:
        console.say(f"Recomputed revenue: all {summary.identities} identities hold")
    for residual in summary.residuals:
        console.say(f"Recomputed revenue: {residual}")
    lines = [
        {"check": line.check, "rule": words(line.rule), "severity": line.severity, "breaks": line.breaks,
         "roots": line.roots, "impact": line.impact, "timing": line.timing}
        for line in summary.by_check
    ]  # fmt: skip
    if lines:
        console.table(
            lines,
            {"check": "Check", "rule": "What", "severity": "Sev", "breaks": ">Breaks", "roots": ">Causes",
             "impact": f">Money {summary.base_currency}", "timing": ">Late"},
        )  # fmt: skip
    if summary.actions:
        console.say("Actions: " + ", ".join(f"{count} {status}" for status, count in summary.actions.items()))
    for check, reason in summary.not_run:
        console.say(f"{check} did not run: {reason}")
    for message in summary.stopped:
        console.say(f"Stopped: {message}")
    for note in summary.notes:
        console.say(f"Note: {note}")


_STREAM = (
    "stream",
    "status",
    "kind",
    "lines",
    "rows_new",
    "rows_unchanged",
    "rows_deleted",
    "rejected",
    "quarantined",
    "message",
)
_COUNTS = f"""
select check_id, min(severity), count(*), {worth()} from recon.breaks
where {among("status", STANDING)} group by 1 order by 1
"""


def _show_landing(landings: Mapping[str, Landing], streams: list[dict[str, object]]) -> None:
    told = [one for one in streams if one["status"] != "unchanged"]
    if told:
        console.table(
            told,
            {"connection": "System", "stream": "Stream", "status": "Status", "rows_new": ">New",
             "rows_unchanged": ">Unchanged", "rows_deleted": ">Gone", "quarantined": ">Aside", "message": "Message"},
        )  # fmt: skip
    console.say(f"{len(streams) - len(told)} streams unchanged")
    for landing in landings.values():
        for note in landing.notes:
            console.say(f"Note: {note}")


def _reads_files(project: object, connection: str) -> bool:
    settings = project.connections.get(connection)  # type: ignore[attr-defined]
    return settings is None or settings.mode == "files"


def _known_severity(fail_on: str) -> None:
    if fail_on not in _RANKS:
        raise ConfigError(f"{fail_on!r} is no severity", where="--fail-on", then="Write s1, s2, s3 or never.")


def _reached(by_severity: object, fail_on: str) -> int:
    return int(any(by_severity.get(severity) for severity in _RANKS[fail_on]))  # type: ignore[attr-defined]


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)
