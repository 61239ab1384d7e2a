"""`tieout audit`: who decided what and when, from a log whose chain of hashes is checked first."""

from __future__ import annotations

from typing import Annotated

import typer

from app import console
from app.commands import options
from app.commands.options import Json, Limit, ProjectDir

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command."""
    options.add_verb(app, audit)


def audit(
    project: ProjectDir = options.HERE,
    subject: Annotated[str, typer.Option(help="Only about this: BRK.., ACT.., BAT.. or an agreement's id.")] = "",
    by: Annotated[str, typer.Option(help="Only by this person; `system` for what a run did.")] = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """Who decided what, the latest first; a log that was tampered with is refused."""
    from contracts.state.audit import entries, verify

    store = options.state(options.load(project))
    with store.read() as connection:
        length = verify(connection)
        found = entries(connection, subject=subject, by=by, limit=limit)
    if json:
        console.emit_json(found)
        return
    console.table(
        [{**one, "payload": _said(one["payload"])} for one in found],
        {"sequence": ">No", "at": "When", "actor": "Who", "verb": "Did", "subject": "To", "payload": "With"},
    )
    console.say(f"{length} entries, each sealed by the one before it")


def _said(payload: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in payload.items() if value and not name.endswith("_hash"))
