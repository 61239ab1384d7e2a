"""`tieout revenue`: how each amendment is accounted for, and a decision in place of the policy's."""

from __future__ import annotations

from typing import Annotated

import typer

from app import console
from app.commands import options
from app.commands.options import ByPerson, Json, Limit, OwnProject, ProjectDir, Reason

__all__ = ["app"]

app = typer.Typer(
    help="List how amendments are accounted for; decide otherwise.", invoke_without_command=True, rich_markup_mode=None
)

_COLUMNS = {
    "agreement_number": "Agreement", "version_no": ">Version", "obligation_key": "Obligation", "period": "Period",
    "treatment": "Treatment", "effect_amount": ">Effect", "currency": "", "decided_by": "Decided by",
    "reason": "Reason",
}  # fmt: skip


@app.callback()
def listed(
    context: typer.Context,
    project: ProjectDir = options.HERE,
    agreement: Annotated[str, typer.Option(help="Only this agreement.")] = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List the amendments of agreements, how each is accounted for and why; the latest first."""
    context.obj = project
    if context.invoked_subcommand:
        return
    rows = options.snapshot(options.load(project)).rows(
        f"""
        select agreement_number, decisions.* exclude (agreement_id)
        from revenue.decisions inner join marts.agreement on agreement.agreement_id = decisions.agreement_id
        where treatment <> 'original' and (? = '' or agreement_number = ?)
        order by period desc, agreement_number, version_no, obligation_key nulls first, decision_id
        limit {limit}
        """,
        [agreement, agreement],
    )
    if json:
        console.emit_json(rows)
    else:
        console.table(rows, _COLUMNS)


@app.command()
def decide(
    context: typer.Context,
    agreement: Annotated[str, typer.Argument(help="Number of the agreement, for example SOW-2025-014.")],
    version: Annotated[int, typer.Argument(help="Version to account for otherwise.")],
    treatment: Annotated[str, typer.Argument(help="separate, prospective or catch_up.")],
    reason: Reason,
    by: ByPerson = "",
    obligation: Annotated[str, typer.Option(help="Only this obligation of the version.")] = "",
    book: Annotated[str, typer.Option(help="Accounting book.")] = "primary",
    project: OwnProject = None,
) -> None:
    """Account for an amendment otherwise than policy says, from the open month on. Closed months stay as they are."""
    from reconcile.revenue.overrides import decide_treatment

    found = options.load(project or context.obj)
    snapshot = options.snapshot(found)
    decided = decide_treatment(
        snapshot.connection, options.state(found), agreement, version, treatment,
        by=options.approver(found, by), reason=reason, as_of=snapshot.run()["as_of"], at=options.now(),
        book=book, obligation_key=obligation or None,
    )  # fmt: skip
    console.say(f"{decided} recorded. Next: tieout run")
