"""Options every verb shares, and the project they name."""

from __future__ import annotations

import datetime as dt
import getpass
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import ConfigError

if TYPE_CHECKING:
    from app.data import Snapshot
    from app.project import Project
    from contracts.state import State
    from reconcile.approvals import Approver

__all__ = [
    "HERE", "After", "AsOf", "ByPerson", "Json", "Limit", "OwnProject", "ProjectDir", "Reason", "actor", "add_verb",
    "approver", "as_date", "as_period", "check_id", "known", "load", "now", "snapshot", "state",
]  # fmt: skip

ProjectDir = Annotated[Path, typer.Option("--project", "-p", help="Folder of the project (where tieout.yml is).")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON; money is text.")]
AsOf = Annotated[str, typer.Option("--as-of", help="Judge everything at this date (YYYY-MM-DD).")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most this many.")]
After = Annotated[str, typer.Option("--after", help="Continue after this id.")]
ByPerson = Annotated[str, typer.Option("--by", help="Who decides; you, unless the project lets you act for others.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes into the audit log.")]


#: The same option after a verb of a group: ``tieout breaks show BRK.. --project DIR``.
OwnProject = Annotated[Path | None, typer.Option("--project", "-p", help="Folder of the project.")]
#: The project of a verb that names none: the folder it is called in.
HERE = Path()


def add_verb(app: typer.Typer, verb: Callable[..., None], name: str | None = None) -> None:
    """Add a verb to the command; the listing says the whole first line of its help."""
    app.command(name, short_help=(verb.__doc__ or "").splitlines()[0])(verb)


def load(folder: Path) -> Project:
    """The project of a folder."""
    from app.project import Project

    return Project.load(folder)


def known(value: str, names: Collection[str], what: str, *, where: str) -> str:
    """A name given on the command line, as it is spelt; one that does not exist is refused with the nearest known."""
    from app.document import nearest

    found = next((str(name) for name in names if name.lower() == value.lower()), "")
    if value and not found:
        near = nearest(value, [str(name) for name in names])
        raise ConfigError(
            f"There is no {what} {value!r}", where=where,
            then=f"Did you mean {near}?" if near else f"Known: {', '.join(sorted(names))}.",
        )  # fmt: skip
    return found


def check_id(snapshot: Snapshot, name: str) -> str:
    """A check by its id or the name of its rule."""
    rules = {row["rule"]: row["check_id"] for row in snapshot.rows("select rule, check_id from recon.rules")}
    said = name.strip().replace(" ", "_")
    if said.upper() in rules.values():
        return said.upper()
    if said and said.lower() not in rules:
        from app.document import nearest

        near = nearest(said, list(rules))
        then = f"Did you mean {rules[near]} {near}?" if near else "See `tieout list rules`."
        raise ConfigError(f"There is no check {name!r}", where="--check", then=then)
    return rules.get(said.lower(), "")


def as_period(text: str) -> str:
    """A month given on the command line; empty when none was."""
    if text and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise ConfigError(f"{text!r} is no month", where="--period", then="Write it like 2026-03.")
    return text


def as_date(text: str, *, where: str = "--as-of") -> dt.date | None:
    """A date given on the command line; None when none was."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no date", where=where, then="Write it like 2026-03-31.") from error


def actor() -> str:
    """The person at the keyboard: the operating-system user."""
    return getpass.getuser()


def now() -> dt.datetime:
    """The instant of a decision, UTC. Figures never depend on it."""
    return dt.datetime.now(dt.UTC)


def state(project: Project) -> State:
    """The project's state store."""
    from contracts.state import open_state

    return open_state(project.state)


def snapshot(project: Project) -> Snapshot:
    """The published snapshot, with what was decided since laid over it."""
    from app.data import Snapshot
    from app.publish import NothingPublished, current

    pointer = current(project)
    if pointer is None:
        raise NothingPublished(project)
    return Snapshot.open(project.folder("published") / pointer.file).decided(state(project))


def approver(project: Project, person: str) -> Approver:
    """The person a decision is taken as, after checking that the user may."""
    who = person or actor()
    if who not in project.people:
        known = ", ".join(sorted(project.people)) or "nobody"
        raise ConfigError(f"{who} is no person of this project", where="--by", then=f"tieout.yml knows {known}.")
    return project.approver(who, actor=actor())
