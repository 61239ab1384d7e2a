"""`tieout sandbox`: a synthetic firm to try everything on, and its systems to apply corrections to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from app import console
from app.commands.options import HERE, Json, ProjectDir

__all__ = ["app"]

app = typer.Typer(help="Write a synthetic firm; play its systems.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder, or a sandbox to start over.")],
    size: Annotated[int, typer.Option(help="Consultants, 40 to 20,000.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same firm.")] = 7,
    faults: Annotated[str, typer.Option(help="How badly it is run: none, best, typical or poor.")] = "typical",
    stack: Annotated[str, typer.Option(help="The systems of the firm.")] = "salesforce+kantata+netsuite",
    months: Annotated[int, typer.Option(help="Months of history.")] = 15,
    only: Annotated[list[str] | None, typer.Option(help="Only these patterns or checks (may be repeated).")] = None,
    json: Json = False,
) -> None:
    """Write a synthetic firm: exports, tieout.yml, and the truth about its faults."""
    from ingest.sandbox import new as write

    made = write(folder, size=size, seed=seed, faults=faults, stack=stack, months=months, only=tuple(only or ()))
    if json:
        console.emit_json({**vars(made), "path": str(made.path)})
        return
    rows = sum(made.rows.values())
    console.say(f"{made.path}: {made.size} consultants, {rows:,} rows in {len(made.rows)} systems, as of {made.as_of}")
    console.say(f"{made.fault_count} faults and {made.noise_count} look-alikes are in {made.path / 'truth'}")
    console.say(f"Next: tieout run --project {made.path}")


@app.command()
def apply(
    batch: Annotated[Path, typer.Argument(help="The folder of an emitted batch.")],
    project: ProjectDir = HERE,
    json: Json = False,
) -> None:
    """Play the target systems on the exports: carry out a batch and answer in results.jsonl."""
    from ingest.sandbox.apply import apply_batch

    folder = batch if batch.is_dir() else project / "batches" / batch.name
    answers = apply_batch(project, folder)
    if json:
        console.emit_json(answers)
        return
    counts = Counter(str(answer["outcome"]) for answer in answers)
    console.say(", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in sorted(counts.items())))
    for answer in answers:
        if answer["outcome"] in ("refused", "failed"):
            console.say(f"{answer['action_id']} {answer['outcome']}: {answer['message']}")
    console.say(f"Answers are in {folder / 'results.jsonl'}. Next: tieout run --project {project}")
