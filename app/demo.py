"""The demo: a synthetic firm, written and reconciled, and a screen of what was found."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from app import console, pipeline
from app.commands.steps import show_summary
from app.data import Snapshot
from app.format import money
from app.project import Project
from app.summary import RunSummary
from contracts.breaks import STANDING, among

__all__ = ["show_demo"]


def show_demo(folder: Path, *, size: int, seed: int, faults: str) -> int:
    """Write the firm, run it, show what is wrong, whose fault, how much money, what would fix it; the exit code."""
    from app.build import DEFAULT_CONNECTIONS, parsing_ahead
    from ingest.sandbox import new

    started = time.monotonic()
    with TemporaryDirectory() as aside, parsing_ahead(Path(aside) / "warehouse.duckdb", DEFAULT_CONNECTIONS):
        made = new(folder, size=size, seed=seed, faults=faults)
        rows = f"{sum(made.rows.values()):,} rows in {len(made.rows)} systems"
        console.say(f"A firm of {made.size} consultants: {rows} ({folder})")
        project = Project.load(folder)
        with console.progress() as told:
            summary = pipeline.run(project, progress=told)
    console.say()
    show_summary(summary)
    _show_findings(Snapshot.open(summary.snapshot), summary)
    console.say()
    console.say(f"Done in {time.monotonic() - started:.0f} s. Look around: tieout app --project {folder}")
    console.say(f"Or: tieout breaks -p {folder}   tieout explain K14 -p {folder}   tieout actions -p {folder}")
    return summary.exit_code


def _show_findings(snapshot: Snapshot, summary: RunSummary) -> None:
    """The largest causes and what would fix them."""
    rows = snapshot.rows(
        f"""
        select b.title, b.at_fault, abs(b.impact) as impact,
          (select string_agg(distinct a.kind, ', ' order by a.kind) from recon.actions as a
            where list_contains(a.breaks, b.break_id)) as fix
        from recon.breaks as b
        where b.is_root and {among("b.status", STANDING)} and b.money_kind <> 'none'
        order by 3 desc, b.break_id limit 8
        """
    )
    if rows:
        console.say()
        shown = [{**row, "impact": money(row["impact"], summary.base_currency)} for row in rows]
        console.table(shown, {"title": "The largest causes", "at_fault": "At fault", "impact": ">Money", "fix": "Fix"})
