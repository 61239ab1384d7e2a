"""`tieout quarantine`: rows that broke their contract, why, and what becomes of them."""

from __future__ import annotations

from typing import Annotated

import typer

from app import console
from app.commands import options
from app.commands.options import Json, Limit, OwnProject, ProjectDir

__all__ = ["app"]

app = typer.Typer(help="List rows set aside; replay, discard.", invoke_without_command=True, rich_markup_mode=None)

Rows = Annotated[list[int] | None, typer.Argument(help="Row ids; none means all that are open.")]

_STATUSES = ("open", "replayed", "discarded", "all")
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
    status: Annotated[str, typer.Option(help="open, replayed, discarded or all.")] = "open",
    limit: Limit = 50,
    after: Annotated[int, typer.Option(help="Continue after this row.")] = 0,
    json: Json = False,
) -> None:
    """List rows set aside, each with its reasons."""
    context.obj = project
    if context.invoked_subcommand:
        return
    from app import warehouse

    chosen = options.known(status, _STATUSES, "status", where="--status")
    with warehouse.opened(options.load(project)) as con:
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
    from app import warehouse
    from ingest.quarantine import replay as judge_again

    loaded = options.load(project or context.obj)
    connections = [loaded.source(name) for name in sorted(loaded.connections)]
    with warehouse.opened(loaded) as con:
        done = judge_again(con, connections, root=loaded.root, row_ids=rows or None)
    console.say(f"{done.replayed} came in, {done.still_open} stay. Next: tieout run")


@app.command()
def discard(
    context: typer.Context, rows: Annotated[list[int], typer.Argument(help="Row ids.")], project: OwnProject = None
) -> None:
    """Say that rows will never come in; they are kept, with their reasons."""
    from app import warehouse
    from ingest.quarantine import discard as put_away

    with warehouse.opened(options.load(project or context.obj)) as con:
        done = put_away(con, rows)
    console.say(f"{done} discarded. Next: tieout run")
