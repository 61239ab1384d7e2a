"""Verbs that look at things: explain, diff, export, list, render, doctor, app, init."""

from __future__ import annotations

import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from app import console
from app.commands import actions, breaks, options
from app.commands.options import Json, ProjectDir
from app.format import label, words
from contracts.errors import ConfigError

__all__ = ["add_to", "explained"]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    for verb in (init, explain, diff, export, render, doctor):
        options.add_verb(app, verb)
    options.add_verb(app, list_known, "list")
    options.add_verb(app, dashboard, "app")


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write tieout.yml.")] = options.HERE,
    source: Annotated[Path, typer.Option("--from", help="The folder of the firm's own export files.")] = options.HERE,
    firm: Annotated[str, typer.Option(help="The firm's name.")] = "",
    base_currency: Annotated[str, typer.Option("--base-currency", help="The currency breaks are added up in.")] = "USD",
    force: Annotated[bool, typer.Option("--force", help="Replace an existing tieout.yml.")] = False,
) -> None:
    """Write tieout.yml for a firm's own files: names each file's stream, says what is missing."""
    from app.start import write_project

    path, notes = write_project(folder, source, firm=firm, base_currency=base_currency, force=force)
    for note in notes:
        console.say(note)
    console.say(f"{path} written. Next: tieout doctor --project {folder}, then tieout run --project {folder}")


def explain(
    subject: Annotated[
        str,
        typer.Argument(help="K14, BRK.., ACT.., row:ID, metric:name[key=value,..] or difference:planned[key=value,..]"),
    ],
    project: ProjectDir = options.HERE,
    json: Json = False,
) -> None:
    """What something is: value, definition, the terms that add up to it, source rows."""
    explained(project, subject, json=json)


def explained(folder: Path, subject: str, *, json: bool) -> None:
    """Explain a subject on the terminal."""
    from app.explain import explain as explain_subject

    project = options.load(folder)
    answer = explain_subject(project, options.snapshot(project), subject)
    if json:
        console.emit_json(answer)
        return
    console.say(f"{answer['subject']}: {answer['is']}")
    if answer.get("definition"):
        console.say(f"\n{answer['definition']}")
    for name, value in answer.items():
        if name not in ("subject", "is", "definition") and value not in (None, "", [], {}):
            _section(name, value)


def diff(
    first: Annotated[str, typer.Argument(help="A run id.")],
    second: Annotated[str, typer.Argument(help="A later run id.")],
    project: ProjectDir = options.HERE,
    json: Json = False,
) -> None:
    """What came, went and changed between two runs."""
    from app.diff import between

    answer = between(options.load(project), first, second)
    if json:
        console.emit_json(answer)
        return
    console.say(f"{answer['first']} -> {answer['second']}")
    console.table(answer["checks"], {"check_id": "Check", "new": ">New", "gone": ">Gone", "changed": ">Changed",
                                     "impact_before": ">Money before", "impact_after": ">Money after"})  # fmt: skip


def export(
    what: Annotated[
        str, typer.Argument(help="breaks, actions, proofs, coverage, records, or a mart such as marts.agreement")
    ],
    out: Annotated[Path, typer.Option("--out", help="File ending in .xlsx, .csv or .parquet.")],
    project: ProjectDir = options.HERE,
    check: breaks.Check = "",
    status: breaks.Status = None,
    severity: breaks.SeverityOf = None,
    owner: breaks.Owner = "",
    at_fault: breaks.AtFault = "",
    period: breaks.Period = "",
    roots_only: breaks.RootsOnly = False,
    kind: actions.Kind = "",
    connection: actions.Target = "",
    root: breaks.Root = "",
    search: breaks.Search = "",
) -> None:
    """Exactly what is listed, as Excel, CSV or Parquet.

    Breaks and actions take the options of their lists: actions --status, --kind, --connection, --root and --search,
    breaks all but --kind and --connection.
    """
    from app.export import write

    both = {"status": status, "root": root, "search": search}
    of_breaks = {"check": check, "severity": severity, "owner": owner, "at_fault": at_fault, "period": period,
                 "roots_only": roots_only}  # fmt: skip
    of_actions = {"kind": kind, "connection": connection}
    takes: dict[str, dict[str, Any]] = {"breaks": both | of_breaks, "actions": both | of_actions}
    asked = takes.get(what, {})
    _refuse_others(what, asked, both | of_breaks | of_actions)
    loaded = options.load(project)
    snapshot = options.snapshot(loaded)
    if what == "breaks":
        frame = snapshot.breaks(breaks.chosen_breaks(loaded, snapshot, **asked), limit=None)
    elif what == "actions":
        frame = snapshot.actions(actions.chosen_actions(loaded, **asked), limit=None)
    else:
        frame = snapshot.frame(f"select * from {_relation(snapshot, what)} order by all")
    console.say(f"{write(frame, out, name=what)}: {frame.height:,} rows")


def list_known(
    what: Annotated[str, typer.Argument(help="rules, systems, entities, metrics, proofs or runs")],
    project: ProjectDir = options.HERE,
    json: Json = False,
) -> None:
    """The registries: rules, systems, entities, metrics; the proofs and runs of a project."""
    from app.registries import KINDS, listing

    if what not in KINDS:
        raise ConfigError(f"There is no list of {what}", then=f"Known: {', '.join(KINDS)}.")
    rows = listing(what, project)
    if json:
        console.emit_json(rows)
    else:
        console.table(rows, {name: label(name) for name in (rows[0] if rows else {})})


def render(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when a file differs.")] = False,
) -> None:
    """Write the generated files: dbt contracts, data contracts, docs, default variables."""
    from app.build import render_defaults
    from app.documents import render_documents
    from app.home import models_root
    from contracts.render import render as render_contracts

    root = models_root()
    behind = [
        *render_contracts(root, check=check),
        *render_defaults(root, check=check),
        *render_documents(root, check=check),
    ]
    for path in behind:
        console.say(f"{path} {'differs' if check else 'written'}")
    if not behind:
        console.say("Everything rendered is up to date.")
    if check and behind:
        raise typer.Exit(1)


def doctor(project: ProjectDir = options.HERE, json: Json = False) -> None:
    """Configuration, connections, first lines of each file: what is missing before anything is landed.

    Ends with 2 where something is broken, with 3 where a stream is missing: a run would then be partial.
    """
    from ingest.recognise import diagnose

    loaded = options.load(project)
    findings = [
        {
            "connection": one.connection,
            "stream": one.stream,
            "status": one.status,
            "files": list(one.files),
            "message": one.message,
        }
        for name in sorted(loaded.connections)
        for one in diagnose(loaded.source(name), loaded.root)
    ]
    if json:
        console.emit_json(findings)
    else:
        wrong = [one for one in findings if one["status"] != "ok"]
        console.say(
            f"{loaded.firm}: {len(loaded.connections)} connections, {len(findings) - len(wrong)} streams in order"
        )
        if wrong:
            columns = {"connection": "System", "stream": "Stream", "files": "File", "status": "Status"}
            console.table(wrong, {**columns, "message": "What"})
    statuses = {one["status"] for one in findings}
    if statuses & {"broken", "missing"}:
        raise typer.Exit(2 if "broken" in statuses else 3)


def dashboard(
    project: ProjectDir = options.HERE,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser.")] = False,
) -> None:
    """Open the dashboard on the published snapshot."""
    options.load(project)
    script = Path(__file__).resolve().parent.parent / "main.py"
    os.environ["TIEOUT_PROJECT"] = str(project.resolve())
    arguments = ["run", str(script), "--server.port", str(port), "--browser.gatherUsageStats", "false",
                 "--server.headless", str(headless or not console.is_terminal()).lower()]  # fmt: skip
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", *arguments])  # noqa: S606 - our own interpreter


def _refuse_others(what: str, taken: dict[str, Any], given: dict[str, Any]) -> None:
    """Refuses an option that does not narrow what is exported: passed over, the file would hold more than was asked."""
    for name, value in given.items():
        if value and name not in taken:
            option = "--roots" if name == "roots_only" else f"--{name.replace('_', '-')}"
            raise ConfigError(
                f"{what} cannot be narrowed by {option}", where=option, then="See `tieout export --help`."
            )


def _relation(snapshot: Any, what: str) -> str:
    named = {"proofs": "recon.proofs", "coverage": "recon.coverage", "records": "recon.break_records"}.get(what, what)
    schema, _, name = named.partition(".")
    known = snapshot.rows("select table_schema, table_name from information_schema.tables order by all")
    if {"table_schema": schema, "table_name": name} not in known:
        raise ConfigError(
            f"There is nothing called {what} to export", then="Try breaks, actions, proofs or marts.agreement."
        )
    return f'{schema}."{name}"'


def _section(name: str, value: Any) -> None:
    """One part of an explanation: facts as lines, rows as a table."""
    console.say(f"\n{label(name)}")
    if isinstance(value, list) and value and isinstance(value[0], dict):
        shown = [key for key in value[0] if any(row.get(key) not in (None, "") for row in value)]
        if "fields" in shown:
            for row in value:
                console.say(f"  {row['connection']} {row['stream']} ({row['source']}, line {row['line']})")
                for key, field in row["fields"].items():
                    console.say(f"    {key}: {field}")
            return
        console.table(value, {key: words(key) for key in shown})
    elif isinstance(value, dict):
        for key, item in value.items():  # the fields of a source row keep their vendor's names
            console.say(f"  {key if name == 'fields' else words(key)}: {_one_line(item)}")
    else:
        console.say(f"  {_one_line(value)}")


def _one_line(value: Any) -> str:
    """A fact as text; a number with its thousands apart and two digits behind the point, or more if it has them."""
    import json

    if isinstance(value, Decimal):
        return f"{value:,.2f}" if value == round(value, 2) else f"{value.normalize():,f}"
    return (
        json.dumps(value, ensure_ascii=False, default=console.plain) if isinstance(value, dict | list) else str(value)
    )
