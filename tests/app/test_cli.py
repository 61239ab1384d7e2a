"""The command: it answers fast, speaks plainly, and its exit code says how it went."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from app import pipeline, publish, reconciliation, warehouse
from app.cli import app, main
from app.project import Project
from contracts.state import (
    LeaseHeld,
    acquire_lease,
    open_state,
    release_lease,
    rows,
    schema,
    this_process,
)
from reconcile.classify import Aligned
from tests.app.world import RULE, write_exports, write_time

VERBS = (
    "init", "sandbox", "land", "build", "reconcile", "plan", "run", "breaks", "actions", "quarantine", "crosswalk",
    "emit", "send", "explain", "diff", "export", "list", "render", "doctor", "app", "audit", "demo",
)  # fmt: skip


def tieout(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


def message(result: Result) -> str:
    return str(result.exception)


def test_every_verb_has_help() -> None:
    listing = tieout("--help").output
    for verb in VERBS:
        assert f"  {verb}" in listing
        assert "Usage" in tieout(verb, "--help").output


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['tieout', '--help']\n"
        "from app.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'polars', 'duckdb', 'dbt', 'sqlalchemy', 'pandera', 'streamlit', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_folder_without_a_project_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tieout", "run", "--project", str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2


def test_looking_before_the_first_run_says_to_run(tiny: Project) -> None:
    assert "Start with `tieout run`" in message(tieout("breaks", "-p", str(tiny.root)))


@pytest.mark.parametrize("verb", ["build", "reconcile", "plan", "quarantine", "quarantine replay"])
def test_on_a_project_never_landed_every_step_says_so(
    tiny: Project, verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tieout", *verb.split(), "--project", str(tiny.root)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert capsys.readouterr().err == f"{tiny.root}: Nothing was landed yet. Start with `tieout run`.\n"


def test_what_nobody_foresaw_is_shown_and_is_no_break(
    tiny: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 is what `--fail-on` says."""
    monkeypatch.setattr(sys, "argv", ["tieout", "land", "--project", str(tiny.root)])
    monkeypatch.setattr(pipeline, "land", lambda *_, **__: 1 / 0)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_quarantine_is_left_alone_while_another_is_at_work(ran: Project) -> None:
    state = open_state(ran.state)
    lease = acquire_lease(state, str(ran.root), this_process(), dt.datetime.now(dt.UTC), pipeline.LEASE)
    for verb in (("replay",), ("discard", "1", "--by", "carl", "--reason", "a typo")):
        assert isinstance(tieout("quarantine", *verb, "-p", str(ran.root)).exception, LeaseHeld)
    release_lease(state, lease, dt.datetime.now(dt.UTC))
    assert "0 came in" in tieout("quarantine", "replay", "-p", str(ran.root)).output


def test_the_quarantine_is_listed_while_another_process_writes(ran: Project) -> None:
    listed = tieout("quarantine", "-p", str(ran.root))
    code = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(ran.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "open\n"
    try:
        during = tieout("quarantine", "-p", str(ran.root))
        assert (during.exit_code, during.stdout) == (0, listed.stdout)
        assert "A run is at work" in during.stderr
        assert isinstance(tieout("land", "-p", str(ran.root)).exception, warehouse.Busy)
    finally:
        writer.communicate("\n")


def test_run_tells_what_was_found_and_json_is_one_object(tiny: Project) -> None:
    write_exports(tiny.root, posted=2)
    shown = tieout("run", "-p", str(tiny.root))
    answer = json.loads(tieout("run", "-p", str(tiny.root), "--json").output)

    assert shown.exit_code == 0
    assert "2 breaks from 2 causes, $200.00" in shown.output
    assert (answer["is_unchanged"], answer["breaks"], answer["impact"]) == (True, 2, "200.0000")


def test_fail_on_gives_exit_code_one_only_when_reached(tiny: Project) -> None:
    write_exports(tiny.root, posted=2)
    assert tieout("run", "-p", str(tiny.root), "--fail-on", "s1").exit_code == 1
    assert tieout("run", "-p", str(tiny.root), "--fail-on", "never").exit_code == 0
    assert "no severity" in message(tieout("run", "-p", str(tiny.root), "--fail-on", "s9"))


def test_lists_are_one_json_array_with_money_as_text_and_page_by_id(ran: Project) -> None:
    breaks = json.loads(tieout("breaks", "-p", str(ran.root), "--json").output)
    first = json.loads(tieout("breaks", "-p", str(ran.root), "--json", "--limit", "1").output)
    rest = json.loads(tieout("breaks", "-p", str(ran.root), "--json", "--after", first[0]["break_id"]).output)

    assert [one["variance"] for one in breaks] == ["-100.0000", "-100.0000"]
    assert first + rest == breaks


def test_the_crosswalk_pages_by_id(ran: Project) -> None:
    pointer = publish.current(ran)
    assert pointer is not None
    with duckdb.connect(str(ran.folder("published") / pointer.file)) as con:
        con.execute(
            """
            create schema if not exists crosswalk;
            create or replace table crosswalk.links as
            select 'customer' as entity, 'CUS-000001' as enterprise_id, 'netsuite' as connection, 'customer' as object,
                id as source_id, 'key' as method, 'confirmed' as status, 1.0 as score, 1 as rule_version,
                timestamp '2025-01-01' as valid_from, gone as valid_to, true as is_primary
            from (values ('11', null), ('12', timestamp '2026-01-01'), ('12', null)) as known (id, gone);
            create or replace table crosswalk.suggestions as
            select 'SUG-' || id as suggestion_id, 'customer' as entity, 'match' as kind, score, 'One' as left_name,
                'Other' as right_name, 'pending' as status, '' as explanation
            from (values ('a', 0.5), ('b', 0.9), ('c', 0.7)) as known (id, score)
            """
        )
    for name, listed in (("suggestion_id", ("crosswalk",)), ("link_id", ("crosswalk", "--links"))):
        whole = json.loads(tieout(*listed, "-p", str(ran.root), "--json").output)
        first = json.loads(tieout(*listed, "-p", str(ran.root), "--json", "--limit", "1").output)
        rest = json.loads(tieout(*listed, "-p", str(ran.root), "--json", "--after", first[0][name]).output)
        assert len({one[name] for one in whole}) == 3
        assert first + rest == whole
    best = tieout("crosswalk", "-p", str(ran.root)).output.splitlines()[1]
    assert best.startswith("SUG-b")


def test_approve_emit_apply_and_run_leave_nothing_open(ran: Project) -> None:
    where = ("-p", str(ran.root))
    refused = tieout("actions", "approve", "--all", "--by", "ana", *where)
    approved = tieout("actions", "approve", "--all", "--by", "carl", "--reason", "missed", *where)
    batch = tieout("emit", *where).output.splitlines()[0]
    applied = tieout("sandbox", "apply", batch, *where)
    after = json.loads(tieout("run", *where, "--json").output)

    assert refused.exit_code == 2
    assert approved.output.startswith("2 approved")
    assert applied.output.startswith("2 applied")
    assert (after["breaks"], after["actions"]) == (0, {"verified": 2})


def test_reconcile_says_what_is_not_proved_and_exits_with_two(ran: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    classified = Aligned.classified
    lossy = "select * from ({}) qualify row_number() over () > 1"
    monkeypatch.setattr(Aligned, "classified", lambda both, rows: lossy.format(classified(both, rows)))
    write_time(ran.root, posted=3)
    for verb in ("land", "build"):
        tieout(verb, "-p", str(ran.root))

    told = tieout("reconcile", "-p", str(ran.root))

    assert told.exit_code == 2
    assert "Not proved: K14 time_there" in told.output


def test_the_audit_log_says_who_decided_what_and_refuses_one_that_was_changed(ran: Project) -> None:
    where = ("-p", str(ran.root))
    tieout("actions", "approve", "--all", "--by", "carl", "--reason", "missed", *where)
    tieout("emit", *where)
    told = json.loads(tieout("audit", "--by", "carl", "--json", *where).output)
    of_one = json.loads(tieout("audit", "--subject", told[0]["subject"].split("/")[1], "--json", *where).output)
    shown = tieout("audit", *where).output

    assert [one["verb"] for one in told] == ["approve", "approve"]
    assert told[0]["payload"]["reason"] == "missed"
    assert [one["subject"] for one in of_one] == [told[0]["subject"]]
    assert "emit" in shown
    assert "3 entries, each sealed by the one before it" in shown

    with sqlite3.connect(ran.folder("state.db")) as books:
        books.execute("update audit set actor = 'mallory' where sequence = 2")

    assert "The chain is broken at entry 2" in message(tieout("audit", *where))


def test_actions_named_ambiguously_are_refused(ran: Project) -> None:
    assert "Say which actions" in message(tieout("actions", "approve", "--by", "carl", "-p", str(ran.root)))


def test_a_cause_that_is_none_is_refused(ran: Project) -> None:
    says = message(tieout("actions", "approve", "--root", "BRK-NONE", "--by", "carl", "-p", str(ran.root)))
    assert says == "--root: BRK-NONE is no cause in this run. See `tieout breaks --roots`."


def test_a_cause_is_named_in_any_case(ran: Project) -> None:
    breaks = json.loads(tieout("breaks", "--json", "-p", str(ran.root)).output)
    root = breaks[0]["root_id"].lower()
    done = tieout("actions", "approve", "--root", root, "--by", "carl", "-p", str(ran.root), "--json")
    assert len(json.loads(done.output)["approved"]) == 1


def test_an_unknown_check_is_refused_before_anything_is_done(tiny: Project) -> None:
    says = message(tieout("run", "--check", "K99", "-p", str(tiny.root)))
    assert says == "--check: There is no check K99. See `tieout list rules`."
    assert not tiny.warehouse.exists()


def test_an_export_that_cannot_be_written_says_so(ran: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    says = message(tieout("export", "breaks", "--out", str(tmp_path / "file" / "x.csv"), "-p", str(ran.root)))
    assert "cannot be written" in says


def test_nobody_decides_as_a_stranger(ran: Project) -> None:
    assert "no person of this project" in message(
        tieout("actions", "approve", "--all", "--by", "mallory", "-p", str(ran.root))
    )


def test_send_shows_what_would_change_and_delivers_nothing_to_files(ran: Project) -> None:
    where = ("-p", str(ran.root))
    tieout("actions", "approve", "--all", "--by", "cleo", *where)
    batch = tieout("emit", *where).output.splitlines()[0]

    assert "nothing was sent" in tieout("send", batch, "--dry-run", *where).output
    assert "Live delivery is not configured" in message(tieout("send", batch, "--confirm", *where))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("breaks", "--check", "K99"), "--check: There is no check 'K99'. See `tieout list rules`."),
        (("breaks", "--check", "time_thre"), "Did you mean K14 time_there?"),
        (("breaks", "--status", "opened"), "--status: There is no status 'opened'. Did you mean open?"),
        (("breaks", "--severity", "S9"), "--severity: There is no severity 'S9'."),
        (("breaks", "--owner", "finance"), "--owner: There is no queue 'finance'. Did you mean finance_operations?"),
        (("breaks", "--at-fault", "netsuit"), "--at-fault: There is no connection 'netsuit'. Did you mean netsuite?"),
        (("breaks", "--period", "2026-13"), "--period: '2026-13' is no month. Write it like 2026-03."),
        (("breaks", "assign", "BRK-NONE", "--to", "ana"), "There is no break BRK-NONE in this run"),
        (("breaks", "assign", "BRK-NONE", "--to", "eve"), "--to: eve is no person of this project. Known: ana, carl"),
        (("breaks", "comment", "BRK-NONE", "--text", "why"), "There is no break BRK-NONE in this run"),
        (("actions", "--kind", "replays"), "--kind: There is no kind 'replays'. Did you mean REPLAY?"),
        (("actions", "--status", "done"), "--status: There is no status 'done'."),
        (("quarantine", "--status", "shut"), "--status: There is no status 'shut'."),
        (("export", "breaks", "--check", "K99", "--out", "breaks.csv"), "--check: There is no check 'K99'."),
        (("crosswalk", "--entity", "costumer"), "--entity: There is no entity in the crosswalk 'costumer'."),
    ],
)
def test_what_does_not_exist_is_named_with_the_nearest_that_does(
    ran: Project, arguments: tuple[str, ...], says: str
) -> None:
    assert says in message(tieout(*arguments, "-p", str(ran.root)))


def test_a_date_that_is_none_is_told_by_its_option(ran: Project) -> None:
    where = ("-p", str(ran.root))
    (one, *_) = json.loads(tieout("breaks", *where, "--json").output)

    assert message(tieout("breaks", "assign", one["break_id"], "--to", "ana", "--due", "soon", *where)) == (
        "--due: 'soon' is no date. Write it like 2026-03-31."
    )


def test_breaks_are_named_in_any_case_and_a_check_by_its_rule(ran: Project) -> None:
    where = ("-p", str(ran.root))
    listed = json.loads(tieout("breaks", "--check", "Time there", *where, "--json").output)

    done = tieout("breaks", "assign", listed[0]["break_id"].lower(), "--to", "ana", *where)

    assert len(listed) == 2
    assert done.output == "1 assigned to ana from the next run on.\n"


def test_a_list_without_rows_says_so(ran: Project) -> None:
    where = ("-p", str(ran.root))

    assert "No break fits" in tieout("breaks", "--status", "accepted", *where).output
    assert "No action fits" in tieout("actions", "--status", "applied", *where).output
    assert "No row is set aside" in tieout("quarantine", *where).output


@pytest.fixture
def asking(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The same firm, whose rule says which streams it needs."""
    rule = replace(RULE, requires=(("PSA", "time_entries"), ("ERP", "timebill")))
    monkeypatch.setattr(reconciliation, "all_rules", lambda project: [rule])
    return tiny


def test_a_rule_whose_stream_is_left_over_from_an_older_export_does_not_run(asking: Project) -> None:
    os.utime(asking.root / "exports" / "netsuite" / "timebill.csv", (0, 0))
    shown = tieout("run", "-p", str(asking.root))

    assert shown.exit_code == 3
    assert "netsuite.timebill: It is of 1970-01-01" in shown.output
    assert "netsuite/timebill is stale" in tieout("breaks", "--check", "K14", "-p", str(asking.root)).output


def test_reconcile_says_what_did_not_run_and_exits_with_three(asking: Project) -> None:
    (asking.root / "exports" / "netsuite" / "timebill.csv").unlink()
    for verb in ("land", "build"):
        tieout(verb, "-p", str(asking.root))

    told = tieout("reconcile", "-p", str(asking.root))

    assert told.exit_code == 3
    assert "K14 did not run: " in told.output


@pytest.fixture
def cut(asking: Project) -> Project:
    """The same firm after a run, with a line of the ledger of which only the beginning came."""
    bills = asking.root / "exports" / "netsuite" / "timebill.csv"
    lines = bills.read_text().splitlines(keepends=True)
    bills.with_suffix(".whole").write_text("".join(lines))
    bills.write_text("".join([lines[0], f"{lines[1][:3]}\n", *lines[2:]]))
    tieout("run", "-p", str(asking.root))
    return asking


def causes(project: Project) -> list[tuple[str, int]]:
    """Why breaks of the last run stand, and how many corrections are proposed."""
    with publish.open_current(project) as con:
        return con.execute(
            "select distinct coalesce(cause, 'absent'), (select count(*) from recon.actions where status = 'proposed') "
            "from recon.breaks where status in ('open', 'proposed')"
        ).fetchall()


@pytest.mark.long
def test_a_row_is_discarded_by_a_person_with_a_reason_and_its_absence_proves_nothing(cut: Project) -> None:
    where = ("-p", str(cut.root))
    (row,) = json.loads(tieout("quarantine", *where, "--json").output)
    assert causes(cut) == [("quarantined", 0)]

    discard = ("quarantine", "discard", str(row["row_id"]))
    assert tieout(*discard, *where).exit_code == 2
    assert "no person of this project" in message(tieout(*discard, "--by", "eve", "--reason", "a typo", *where))
    assert "Say why" in message(tieout(*discard, "--by", "ana", "--reason", " ", *where))
    assert "No open row 99" in message(tieout(*discard, "99", "--by", "ana", "--reason", "a typo", *where))
    done = tieout(*discard, "--by", "ana", "--reason", "a typo", *where)

    assert done.output == "1 discarded; absence proves nothing until a later export answers. Next: tieout run\n"
    with open_state(cut.state).read() as connection:
        (entry,) = [entry for entry in rows(connection, schema.audit) if entry["verb"] == "discard row"]
    assert (entry["actor"], entry["subject"]) == (getpass.getuser(), f"quarantine/{row['row_id']}")
    assert json.loads(entry["payload"]) == {
        "connection": "netsuite", "person": "ana", "reason": "a typo", "source": "timebill.csv", "source_row": 2,
        "stream": "timebill",
    }  # fmt: skip
    tieout("run", *where)
    assert causes(cut) == [("quarantined", 0)]

    bills = cut.root / "exports" / "netsuite" / "timebill.csv"
    bills.write_text(bills.with_suffix(".whole").read_text())
    tieout("run", *where)
    assert causes(cut) == [("absent", 2)]
    (row,) = json.loads(tieout("quarantine", "--status", "answered", *where, "--json").output)
    assert row["source_row"] == 2


def test_a_source_row_keeps_the_names_of_its_system(ran: Project) -> None:
    where = ("-p", str(ran.root))
    (one, *_) = json.loads(tieout("breaks", *where, "--json").output)
    row = json.loads(tieout("explain", one["break_id"], *where, "--json").output)["rows"][0]

    assert "  date_performed: 2026-03-02" in tieout("explain", f"row:{row['row_id']}", *where).output


@pytest.mark.parametrize("kind", ["break", "action", "row", "check"])
def test_anything_can_be_explained_down_to_its_source_row(ran: Project, kind: str) -> None:
    where = ("-p", str(ran.root))
    (one, *_) = json.loads(tieout("breaks", *where, "--json").output)
    (action, *_) = json.loads(tieout("actions", *where, "--json").output)
    shown = json.loads(tieout("explain", one["break_id"], *where, "--json").output)
    subject = {"break": one["break_id"], "action": action["action_id"], "check": "K14",
               "row": f"row:{shown['rows'][0]['row_id']}"}[kind]  # fmt: skip

    answer = tieout("explain", subject, *where)

    assert answer.exit_code == 0
    assert subject in answer.output
    assert shown["rows"][0]["fields"]["id"] in ("1002", "1003")


@pytest.mark.long
def test_an_accepted_break_stays_accepted(ran: Project) -> None:
    where = ("-p", str(ran.root))
    (one, *_) = json.loads(tieout("breaks", *where, "--json").output)
    tieout("breaks", "accept", one["break_id"], "--reason", "written off", "--by", "cleo", *where)

    after = json.loads(tieout("run", *where, "--json").output)
    accepted = json.loads(tieout("breaks", *where, "--status", "accepted", "--json").output)

    assert after["breaks"] == 1
    assert [found["break_id"] for found in accepted] == [one["break_id"]]


@pytest.mark.parametrize("name", ["breaks.xlsx", "breaks.csv", "breaks.parquet"])
def test_what_is_listed_is_exported(ran: Project, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out" / name

    assert "2 rows" in tieout("export", "breaks", "--out", str(out), "-p", str(ran.root)).output
    assert out.stat().st_size > 0


@pytest.mark.parametrize(
    ("what", "narrowed", "rows"),
    [
        ("breaks", ("--severity", "s1", "--at-fault", "netsuite", "--roots", "--status", "proposed"), 2),
        ("breaks", ("--severity", "S3"), 0),
        ("breaks", ("--period", "1999-01"), 0),
        ("breaks", ("--root", "BRK-NONE"), 0),
        ("actions", ("--kind", "replay", "--connection", "netsuite"), 2),
        ("actions", ("--kind", "LINK"), 0),
        ("actions", ("--search", "%"), 0),
    ],
)
def test_an_export_is_narrowed_as_its_list(
    ran: Project, tmp_path: Path, what: str, narrowed: tuple[str, ...], rows: int
) -> None:
    where = ("-p", str(ran.root))
    done = tieout("export", what, "--out", str(tmp_path / "out.csv"), *narrowed, *where)

    assert f"{rows} rows" in done.output
    assert len(json.loads(tieout(what, *narrowed, *where, "--json").output)) == rows


@pytest.mark.parametrize(("what", "option"), [("actions", "--check"), ("breaks", "--kind"), ("proofs", "--root")])
def test_an_export_refuses_what_would_not_narrow_it(ran: Project, tmp_path: Path, what: str, option: str) -> None:
    out = str(tmp_path / "out.csv")
    says = message(tieout("export", what, "--out", out, option, "K14", "-p", str(ran.root)))
    assert f"{what} cannot be narrowed by {option}" in says


@pytest.mark.long
def test_two_runs_are_compared(ran: Project) -> None:
    where = ("-p", str(ran.root))
    first = json.loads(tieout("run", *where, "--json").output)["run_id"]
    write_time(ran.root, posted=3)
    second = json.loads(tieout("run", *where, "--json").output)["run_id"]

    answer = json.loads(tieout("diff", first, second, *where, "--json").output)

    assert [(one["check_id"], one["new"], one["gone"]) for one in answer["checks"]] == [("K14", 0, 1)]


@pytest.mark.parametrize("what", ["rules", "systems", "entities"])
def test_registries_are_listed(what: str) -> None:
    assert json.loads(tieout("list", what, "--json").output)


def test_an_unknown_list_names_the_known_ones() -> None:
    assert "Known: rules, systems" in message(tieout("list", "nothing"))


def test_init_names_each_files_stream_and_what_is_missing(tiny: Project, tmp_path: Path) -> None:
    done = tieout("init", str(tmp_path / "own"), "--from", str(tiny.root / "exports"), "--firm", "Own")

    assert done.exit_code == 0, message(done)
    assert "timebill.csv: netsuite timebill" in done.output
    absent = next(line for line in done.output.splitlines() if "not exported" in line)
    assert "workweeks" in absent
    assert "time_off_entries" in absent
    assert Project.load(tmp_path / "own").firm == "Own"


def test_init_says_what_it_took_a_file_for_and_never_that_it_is_missing(tiny: Project, tmp_path: Path) -> None:
    exports = tiny.root / "exports" / "netsuite"
    (exports / "timebill.csv").rename(exports / "netsuite_timebill_march.csv")
    (exports / "notes.csv").write_text("a,b\n1,2\n")

    said = tieout("init", str(tmp_path / "own"), "--from", str(tiny.root / "exports"))

    lines = said.output.splitlines()
    assert "netsuite/netsuite_timebill_march.csv: netsuite timebill" in lines
    assert not any("lacks" in line and "timebill" in line for line in lines)
    assert any(line.startswith("Left alone") and "netsuite/notes.csv" in line for line in lines)
    settings = Project.load(tmp_path / "own").connections["netsuite"]
    assert settings.options == {"files": {"timebill": "netsuite_timebill_march"}}


def test_init_does_not_call_missing_what_only_has_another_name(tiny: Project, tmp_path: Path) -> None:
    exports = tiny.root / "exports"
    (exports / "netsuite" / "timebill.csv").rename(exports / "netsuite" / "ns_time.csv")

    done = tieout("init", str(tmp_path / "own"), "--from", str(exports))

    about = [line for line in done.output.splitlines() if "timebill" in line]
    files = "files: {timebill: ns_time}"
    said = f"its columns are those of timebill: name it timebill, or write {files} under options"
    assert about == [f"netsuite/ns_time.csv: {said}"]


def test_doctor_reads_the_first_lines_and_ends_as_a_run_would(tiny: Project) -> None:
    (tiny.root / "exports" / "netsuite" / "timebill.csv").unlink()

    done = tieout("doctor", "-p", str(tiny.root), "--json")

    assert {one["status"] for one in json.loads(done.output) if one["stream"] == "timebill"} == {"missing"}
    assert done.exit_code == 3
    (tiny.root / "exports" / "kantata" / "time_entries.jsonl").write_bytes(b"\xff\xfe\x00")
    assert tieout("doctor", "-p", str(tiny.root)).exit_code == 2


def test_doctor_names_a_file_that_belongs_to_no_stream(tiny: Project) -> None:
    (tiny.root / "exports" / "netsuite" / "notes.csv").write_text("a,b\n1,2\n")

    shown = tieout("doctor", "-p", str(tiny.root)).output

    (line,) = (line for line in shown.splitlines() if "belong to a known stream" in line)
    assert "notes.csv" in line
