"""`tieout crosswalk`: which record is which customer, project or person, and what a person should decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app import console
from app.commands import options
from app.commands.options import After, ByPerson, Json, Limit, OwnProject, ProjectDir, Reason
from app.format import label

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["app"]

app = typer.Typer(
    help="List links and suggestions; confirm, reject.", invoke_without_command=True, rich_markup_mode=None
)

Ids = Annotated[list[str], typer.Argument(help="Ids of suggestions.")]

#: Links, each with an id to continue after: its record, and from when to when where it ended.
_LINKS = """(
    select concat_ws('/', entity, connection, object, source_id,
        case when valid_to is not null then strftime(valid_from, '%Y-%m-%dT%H:%M:%SZ') end,
        strftime(valid_to, '%Y-%m-%dT%H:%M:%SZ')) as link_id, *
    from crosswalk.links)"""


@app.callback()
def listed(
    context: typer.Context,
    project: ProjectDir = options.HERE,
    links: Annotated[bool, typer.Option("--links", help="The links themselves, not the suggestions.")] = False,
    entity: Annotated[str, typer.Option(help="Only this entity.")] = "",
    limit: Limit = 50,
    after: After = "",
    json: Json = False,
) -> None:
    """List what waits for a decision, each pair explained; or the links. With --json every column, by id."""
    context.obj = project
    if context.invoked_subcommand:
        return
    from ingest.identities import ENTITIES

    snapshot = options.snapshot(options.load(project))
    chosen = options.known(entity, [one.name for one in ENTITIES], "entity in the crosswalk", where="--entity")
    source, name = (_LINKS, "link_id") if links else ("crosswalk.suggestions", "suggestion_id")
    order = name if links or json else f"score desc nulls last, {name}"
    rows = snapshot.rows(
        f"select * from {source} where (? = '' or entity = ?) and {name} > ? order by {order} limit {limit}",
        [chosen, chosen, after],
    )
    if json:
        console.emit_json(rows)
    elif links:
        columns = (
            "entity",
            "enterprise_id",
            "connection",
            "object",
            "source_id",
            "method",
            "status",
            "score",
            "valid_to",
        )
        console.table(rows, {name: label(name) for name in columns})
    else:
        console.table(
            rows,
            {"suggestion_id": "Suggestion", "kind": "Kind", "left_name": "One", "right_name": "Other",
             "score": ">Score", "status": "Status", "explanation": "Because"},
        )  # fmt: skip


@app.command()
def confirm(context: typer.Context, ids: Ids, reason: Reason, by: ByPerson = "", project: OwnProject = None) -> None:
    """Say that the two records of each suggestion are one."""
    from ingest.crosswalk import confirm as record

    _decide(project or context.obj, record, ids, reason, by, "confirmed")


@app.command()
def reject(context: typer.Context, ids: Ids, reason: Reason, by: ByPerson = "", project: OwnProject = None) -> None:
    """Say that the two records of each suggestion are two."""
    from ingest.crosswalk import reject as record

    _decide(project or context.obj, record, ids, reason, by, "rejected")


def _decide(folder: Path, record: object, ids: list[str], reason: str, by: str, word: str) -> None:
    project = options.load(folder)
    person = options.approver(project, by)
    snapshot = options.snapshot(project)
    done = record(  # type: ignore[operator]
        options.state(project), snapshot.connection, ids, by=person.person, reason=reason, at=options.now()
    )
    console.say(f"{done} {word}. Next: tieout run")
