"""`tieout breaks`: what disagrees, and what people do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app import console
from app.commands import options
from app.commands.options import After, Json, Limit, OwnProject, ProjectDir, Reason
from contracts.errors import ConfigError

if TYPE_CHECKING:
    from app.data import BreakFilter, Snapshot
    from app.project import Project

__all__ = [
    "AtFault", "Check", "Owner", "Period", "Root", "RootsOnly", "Search", "SeverityOf", "Status", "app",
    "chosen_breaks",
]  # fmt: skip

app = typer.Typer(
    help="List breaks; show, accept, assign, comment.", invoke_without_command=True, rich_markup_mode=None
)

Ids = Annotated[list[str], typer.Argument(help="Ids of breaks.")]

#: What a list is narrowed to, the same on every command that lists breaks (`Status`, `Root` and `Search`: or actions).
Check = Annotated[str, typer.Option("--check", help="Only this check.")]
Status = Annotated[list[str] | None, typer.Option("--status", help="Only this status (may be repeated).")]
SeverityOf = Annotated[list[str] | None, typer.Option("--severity", help="S1, S2 or S3 (may be repeated).")]
Owner = Annotated[str, typer.Option("--owner", help="Only this queue.")]
AtFault = Annotated[str, typer.Option("--at-fault", help="Only this connection at fault.")]
Root = Annotated[str, typer.Option("--root", help="Only this cause and its consequences.")]
Period = Annotated[str, typer.Option("--period", help="Only this period, YYYY-MM.")]
Search = Annotated[str, typer.Option("--search", help="In names, projects, documents, titles, reasons and targets.")]
RootsOnly = Annotated[bool, typer.Option("--roots", help="Causes only.")]


@app.callback()
def listed(
    context: typer.Context,
    project: ProjectDir = options.HERE,
    check: Check = "",
    status: Status = None,
    severity: SeverityOf = None,
    owner: Owner = "",
    at_fault: AtFault = "",
    root: Root = "",
    period: Period = "",
    search: Search = "",
    roots_only: RootsOnly = False,
    limit: Limit = 50,
    after: After = "",
    json: Json = False,
) -> None:
    """List breaks, the largest money first; with --json every column, by id."""
    context.obj = project
    if context.invoked_subcommand:
        return
    loaded = options.load(project)
    snapshot = options.snapshot(loaded)
    chosen = chosen_breaks(
        loaded, snapshot, check=check, status=status, severity=severity, owner=owner, at_fault=at_fault, root=root,
        period=period, search=search, roots_only=roots_only,
    )  # fmt: skip
    if json:
        where, values = chosen.sql()
        console.emit_json(
            snapshot.rows(
                f"select * exclude (payload) from recon.breaks where {where} and break_id > ? "
                f"order by break_id limit {limit}",
                [*values, after],
            )
        )
        return
    rows = snapshot.breaks(chosen, limit=limit).to_dicts()
    if not rows:
        console.say(_nothing(snapshot, chosen.check_id))
        return
    console.table(
        rows,
        {"break_id": "Break", "check_id": "Check", "severity": "Sev", "status": "Status", "title": "What",
         "variance": ">Variance", "currency": "", "at_fault": "At fault", "age_days": ">Days"},
    )  # fmt: skip
    _count(snapshot.break_totals(chosen), len(rows))


@app.command()
def show(context: typer.Context, break_id: str, json: Json = False, project: OwnProject = None) -> None:
    """One break with all its sides, records, actions and source rows."""
    from app.commands.show import explained

    explained(project or context.obj, break_id, json=json)


@app.command()
def accept(
    context: typer.Context,
    ids: Ids,
    reason: Reason,
    until: Annotated[str, typer.Option(help="Accepted until this date.")] = "",
    by: options.ByPerson = "",
    project: OwnProject = None,
) -> None:
    """Accept breaks as explained; they come back when their evidence changes or the date is over."""
    from contracts.state import accept as record

    loaded = options.load(project or context.obj)
    person = options.approver(loaded, by)
    snapshot = options.snapshot(loaded)
    found = _found(snapshot, ids)
    until_day = options.as_date(until, where="--until")
    with options.state(loaded).begin() as connection:
        record(connection, found, by=person.person, reason=reason, at=options.now(), until=until_day)
    console.say(f"{len(found)} accepted from the next run on.")


@app.command()
def assign(
    context: typer.Context,
    ids: Ids,
    to: Annotated[str, typer.Option(help="Whom; empty for nobody.")],
    due: Annotated[str, typer.Option(help="Until when.")] = "",
    by: options.ByPerson = "",
    project: OwnProject = None,
) -> None:
    """Give breaks to a person."""
    from contracts.state import assign as record

    loaded = options.load(project or context.obj)
    if to and to not in loaded.people:
        known = ", ".join(loaded.people)
        raise ConfigError(f"{to} is no person of this project", where="--to", then=f"Known: {known}.")
    person = options.approver(loaded, by) if by else None
    found = _found(options.snapshot(loaded), ids)
    due_on = options.as_date(due, where="--due")
    with options.state(loaded).begin() as connection:
        record(
            connection, list(found), to or None, by=person.person if person else options.actor(), at=options.now(),
            due_on=due_on,
        )  # fmt: skip
    console.say(f"{len(found)} assigned to {to or 'nobody'} from the next run on.")


@app.command()
def comment(
    context: typer.Context,
    ids: Ids,
    text: Annotated[str, typer.Option(help="The comment.")],
    project: OwnProject = None,
) -> None:
    """Write a comment on breaks."""
    from contracts.state import comment as record

    loaded = options.load(project or context.obj)
    found = _found(options.snapshot(loaded), ids)
    with options.state(loaded).begin() as connection:
        record(connection, list(found), text, by=options.actor(), at=options.now())
    console.say(f"Commented on {len(found)}.")


def chosen_breaks(
    project: Project,
    snapshot: Snapshot,
    *,
    check: str = "",
    status: list[str] | None = None,
    severity: list[str] | None = None,
    owner: str = "",
    at_fault: str = "",
    root: str = "",
    period: str = "",
    search: str = "",
    roots_only: bool = False,
) -> BreakFilter:
    """What the options ask for; without a status, what stands and what is only late. Unknown names are refused."""
    from app.data import BreakFilter
    from contracts.breaks import STANDING, BreakStatus, Severity
    from contracts.ownership import Queue

    statuses = status or (*STANDING, "timing")
    return BreakFilter(
        search=search,
        check_id=options.check_id(snapshot, check),
        status=tuple(options.known(one, list(BreakStatus), "status", where="--status") for one in statuses),
        severity=tuple(options.known(one, list(Severity), "severity", where="--severity") for one in severity or ()),
        owner=options.known(owner.replace(" ", "_"), list(Queue), "queue", where="--owner"),
        at_fault=options.known(at_fault, list(project.connections), "connection", where="--at-fault"),
        root=root.upper(),
        period=options.as_period(period),
        roots_only=roots_only,
    )


def _nothing(snapshot: Snapshot, check: str) -> str:
    """What a list without a break says: that none fits, or that its check did not run, and why."""
    ran = snapshot.one("select status, reason from recon.coverage where check_id = ?", [check]) if check else None
    if ran and ran["status"] == "not_run":
        return f"{check} did not run: {ran['reason']}"
    return "No break fits. See `tieout breaks` without options, or --status for those that went or are accepted."


def _count(totals: dict[str, object], shown: int) -> None:
    if totals["breaks"] != shown:
        console.say(f"{shown} of {totals['breaks']} breaks. More: --limit, or --json --after.")


def _found(snapshot: Snapshot, ids: list[str]) -> dict[str, str | None]:
    """Breaks of this run by their ids, with the evidence each was looked at; an id of none is refused."""
    asked = list(dict.fromkeys(one.upper() for one in ids))
    rows = snapshot.rows(
        "select break_id, evidence_hash from recon.breaks where break_id in (select unnest(?))", [asked]
    )
    found = {row["break_id"]: row["evidence_hash"] for row in rows}
    missing = [one for one in asked if one not in found]
    if missing:
        raise ConfigError(f"There is no break {missing[0]} in this run", then="See `tieout breaks`.")
    return found
