"""`tieout quarantine`: rows that broke their contract, why, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from app import console
from app.commands import options
from app.commands.options import ByPerson, Json, Limit, OwnProject, ProjectDir, Reason
from contracts.errors import ConfigError

if TYPE_CHECKING:
    import duckdb

    from app.project import Project

__all__ = ["app"]

app = typer.Typer(help="List rows set aside; replay, discard.", invoke_without_command=True, rich_markup_mode=None)

Rows = Annotated[list[int] | None, typer.Argument(help="Row ids; none means all that are open.")]

_STATUSES = ("open", "replayed", "discarded", "answered", "all")
_LISTED = """
select r.row_id, r.connection, r.stream, r.source, r.source_row, r.amount, r.currency, r.status, r.first_seen,
  string_agg(v.message, '; ' order by v.field, v.rule) as reasons, any_value(r.raw_row) as raw_row
from quarantine.rows as r left join quarantine.violations as v using (row_id)
where (? = 'all' or r.status = ?) and r.row_id > ?
group by all order by r.row_id limit ?
"""


@app.callback()
def listed(
    context: typer.Context,
    project: ProjectDir = options.HERE,
    status: Annotated[str, typer.Option(help="open, replayed, discarded, answered or all.")] = "open",
    limit: Limit = 50,
    after: Annotated[int, typer.Option(help="Continue after this row.")] = 0,
    json: Json = False,
) -> None:
    """List rows set aside, each with its reasons."""
    context.obj = project
    if context.invoked_subcommand:
        return
    chosen = options.known(status, _STATUSES, "status", where="--status")
    with _as_it_stands(options.load(project)) as con:
        rows = con.sql(_LISTED, params=[chosen, chosen, after, limit]).pl().to_dicts()
    if json:
        console.emit_json(rows)
        return
    if not rows:
        console.say("No row is set aside." if chosen == "open" else "No row fits.")
        return
    console.table(
        rows,
        {"row_id": ">Row", "connection": "System", "stream": "Stream", "source": "File", "source_row": ">Line",
         "amount": ">Amount", "currency": "", "status": "Status", "reasons": "Why"},
    )  # fmt: skip
    console.say(f"{len(rows)} rows. Next: correct the export or the contract, then tieout quarantine replay.")


@app.command()
def replay(context: typer.Context, rows: Rows = None, project: OwnProject = None) -> None:
    """Judge open rows again; what is good now comes in."""
    from app import pipeline

    done = pipeline.replay(options.load(project or context.obj), rows or None)
    console.say(f"{done.replayed} came in, {done.still_open} stay. Next: tieout run")


@app.command()
def discard(
    context: typer.Context,
    rows: Annotated[list[int], typer.Argument(help="Row ids.")],
    reason: Reason,
    by: ByPerson = "",
    project: OwnProject = None,
) -> None:
    """Say that rows will never come in; they are kept, and until a later export answers them they prove nothing."""
    from app import pipeline

    if not reason.strip():
        raise ConfigError("Rows are discarded for a reason", where="--reason", then="Say why.")
    loaded = options.load(project or context.obj)
    done = pipeline.discard(loaded, rows, by=options.approver(loaded, by), reason=reason)
    console.say(f"{done} discarded; absence proves nothing until a later export answers. Next: tieout run")


@contextmanager
def _as_it_stands(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """What was landed last; while a run is at work, what the last one published."""
    from app.pipeline import NothingLanded
    from app.publish import open_current
    from app.warehouse import Busy, looked_at

    if not project.warehouse.is_file():
        raise NothingLanded(project)
    try:
        with looked_at(project) as con:
            yield con
    except Busy:
        console.fail("A run is at work; this is what the last one published.")
        with open_current(project) as con:
            yield con
