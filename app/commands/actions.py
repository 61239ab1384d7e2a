"""`tieout actions`: what would put things right, and who says yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app import console
from app.commands import breaks, options
from app.commands.options import After, ByPerson, Json, Limit, OwnProject, ProjectDir, Reason
from contracts.errors import ConfigError

if TYPE_CHECKING:
    from app.data import ActionFilter, Snapshot
    from app.project import Project
    from reconcile.approvals import Decided

__all__ = ["Kind", "Target", "app", "chosen_actions"]

app = typer.Typer(help="List actions; show, approve, reject.", invoke_without_command=True, rich_markup_mode=None)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids of actions.")]
Root = Annotated[str, typer.Option("--root", help="All actions of this cause.")]
Kind = Annotated[str, typer.Option("--kind", help="Only this kind, e.g. REPLAY.")]
Target = Annotated[str, typer.Option("--connection", help="Only this target.")]
All = Annotated[bool, typer.Option("--all", help="All that are proposed.")]


@app.callback()
def listed(
    context: typer.Context,
    project: ProjectDir = options.HERE,
    status: breaks.Status = None,
    kind: Kind = "",
    connection: Target = "",
    root: breaks.Root = "",
    search: breaks.Search = "",
    limit: Limit = 50,
    after: After = "",
    json: Json = False,
) -> None:
    """List actions, the largest money first; with --json every column, by id."""
    context.obj = project
    if context.invoked_subcommand:
        return
    loaded = options.load(project)
    chosen = chosen_actions(loaded, status=status, kind=kind, connection=connection, root=root, search=search)
    snapshot = options.snapshot(loaded)
    if json:
        console.emit_json(_documents(snapshot, *chosen.sql(), after=after, limit=limit))
        return
    rows = snapshot.actions(chosen, limit=limit).to_dicts()
    if not rows:
        console.say("No action fits. See `tieout actions` without options.")
        return
    console.table(
        rows,
        {"action_id": "Action", "kind": "Kind", "connection": "Target", "object": "Object", "reason": "Why",
         "impact": ">Money", "currency": "", "status": "Status", "required_role": "Approver"},
    )  # fmt: skip
    total = snapshot.action_totals(chosen)["actions"]
    if total != len(rows):
        console.say(f"{len(rows)} of {total} actions. More: --limit, or --json --after.")


@app.command()
def show(context: typer.Context, action_id: str, json: Json = False, project: OwnProject = None) -> None:
    """One action: the call, what it changes, who must approve, what undoes it."""
    from app.commands.show import explained

    explained(project or context.obj, action_id, json=json)


@app.command()
def approve(
    context: typer.Context,
    ids: Ids = None,
    root: Root = "",
    everything: All = False,
    by: ByPerson = "",
    reason: Reason = "",
    json: Json = False,
    project: OwnProject = None,
) -> None:
    """Approve actions; above a person's limit a second person approves too."""
    from reconcile import approvals

    loaded = options.load(project or context.obj)
    snapshot = options.snapshot(loaded)
    done = approvals.approve(
        snapshot.connection, options.state(loaded), _chosen(snapshot, ids, root, everything),
        options.approver(loaded, by),
        reason or "approved", at=options.now(), two_above=loaded.approval.two_above.get(loaded.base_currency),
    )  # fmt: skip
    _answer(done, json=json)


@app.command()
def reject(
    context: typer.Context,
    ids: Ids = None,
    root: Root = "",
    everything: All = False,
    by: ByPerson = "",
    reason: Reason = "",
    json: Json = False,
    project: OwnProject = None,
) -> None:
    """Reject actions, with a reason; they do not return until their evidence changes."""
    from reconcile import approvals

    loaded = options.load(project or context.obj)
    snapshot = options.snapshot(loaded)
    done = approvals.reject(
        snapshot.connection, options.state(loaded), _chosen(snapshot, ids, root, everything),
        options.approver(loaded, by),
        reason, at=options.now(),
    )  # fmt: skip
    _answer(done, json=json)


def chosen_actions(
    project: Project,
    *,
    status: list[str] | None = None,
    kind: str = "",
    connection: str = "",
    root: str = "",
    search: str = "",
) -> ActionFilter:
    """What the options ask for. Unknown names are refused."""
    from app.data import ActionFilter
    from contracts.actions import ActionKind, ActionStatus

    return ActionFilter(
        status=tuple(options.known(one, list(ActionStatus), "status", where="--status") for one in status or ()),
        kind=options.known(kind.replace("-", "_"), list(ActionKind), "kind", where="--kind"),
        system=options.known(connection, list(project.connections), "connection", where="--connection"),
        root=root.upper(),
        search=search,
    )


def _chosen(snapshot: Snapshot, ids: list[str] | None, root: str, everything: bool) -> list[str]:
    """The actions meant: named, of one cause, or all that wait for a decision."""
    if sum((bool(ids), bool(root), everything)) != 1:
        raise ConfigError("Say which actions", then="Give ids, or --root BRK.., or --all.")
    if ids:
        return [one.upper() for one in ids]
    from app.data import ActionFilter

    if root and not snapshot.rows("select 1 from recon.breaks where root_id = ? limit 1", [root.upper()]):
        raise ConfigError(f"{root} is no cause in this run", where="--root", then="See `tieout breaks --roots`.")
    where, values = ActionFilter(status=("proposed",), root=root.upper()).sql()
    rows = snapshot.rows(f"select action_id from {snapshot.actions_from} where {where} order by 1", values)
    return [row["action_id"] for row in rows]


def _answer(done: Decided, *, json: bool) -> None:
    if json:
        console.emit_json(vars(done))
        return
    for count, text in (
        (len(done.approved), "approved"), (len(done.rejected), "rejected"),
        (len(done.waiting), "wait for a second approver"),
    ):  # fmt: skip
        if count:
            console.say(f"{count} {text}")
    for name, why in list(done.refused.items())[:20]:
        console.say(f"{name} not decided: {why}")
    if len(done.refused) > 20:
        console.say(f"and {len(done.refused) - 20} more not decided")
    if not (done.approved or done.rejected or done.waiting or done.refused):
        console.say("No action waits for a decision.")
    if done.refused and not (done.approved or done.rejected or done.waiting):
        raise typer.Exit(2)


def _documents(
    snapshot: Snapshot, where: str, values: list[object], *, after: str, limit: int
) -> list[dict[str, object]]:
    import json

    rows = snapshot.rows(
        f"select * from {snapshot.actions_from} where {where} and action_id > ? order by action_id limit {limit}",
        [*values, after],
    )
    documents = ("target", "precondition", "changes", "request", "approval", "compensation")
    return [
        {
            name: json.loads(value) if name in documents and isinstance(value, str) else value
            for name, value in row.items()
        }
        for row in rows
    ]
