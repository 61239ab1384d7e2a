"""What was not read proves nothing: a file or a row that is missing never becomes a proposal to post again."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import yaml

from app import warehouse
from app.data import Snapshot
from app.explain import explain
from app.project import FILE
from app.publish import snapshots
from ingest.quarantine import discard
from tests.tieout.loop import Firm, firm

pytestmark = pytest.mark.long

#: What would post, bill or recognise something a second time if it were taken for absent.
POSTS = "kind in ('REPLAY', 'CREATE', 'REVERSE', 'RECLASS', 'TRUE_UP', 'CATCH_UP', 'ACCRUE')"


@pytest.fixture(scope="module")
def without_files(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A clean firm without files of time, charges and the ledger, and without fields and rates that none need have."""
    made = firm(tmp_path_factory.mktemp("absence") / "files", size=40, faults="none")
    for stream in ("timebill", "charge", "transactionaccountingline"):
        (made.folder / "exports" / "netsuite" / f"{stream}.csv").unlink()
    (made.folder / "exports" / "kantata" / "time_off_entries.jsonl").unlink()
    without(made.folder / "exports" / "netsuite" / "revenueelement.csv", "custrecord_rpo_exempt")
    without(made.folder / "exports" / "salesforce" / "Order.csv", "Type")
    without(made.folder / "exports" / "salesforce" / "Contract.csv", "PO_Required__c")
    configured = made.folder / FILE
    head, _, rest = configured.read_text("utf-8").partition("books:\n")
    configured.write_text(head + rest[rest.index("people:\n") :], "utf-8")
    made.run()
    return made


@pytest.fixture(scope="module")
def with_bad_rows(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A clean firm of which some rows of the ERP cannot be read: time, and lines of the ledger and of a schedule."""
    made = firm(tmp_path_factory.mktemp("absence") / "rows", size=40, faults="none")
    exports = made.folder / "exports" / "netsuite"
    damage(exports / "timebill.csv", "hours", every=200)
    damage(exports / "transactionaccountingline.csv", "credit", every=400)
    damage(exports / "revenueplanplannedrevenue.csv", "amount", every=100)
    made.run()
    return made


@pytest.fixture(scope="module")
def with_cut_lines(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A clean firm of whose time and customers in the ERP one line each was cut: nobody can say which record it is."""
    made = firm(tmp_path_factory.mktemp("absence") / "lines", size=40, faults="none")
    for stream in ("timebill", "customer"):
        path = made.folder / "exports" / "netsuite" / f"{stream}.csv"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join([*lines[:5], f"{lines[5][:3]}\n", *lines[6:]]), "utf-8")
    made.run()
    return made


def without(path: Path, column: str) -> None:
    """Leave a column out of an export."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index(column)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([*row[:at], *row[at + 1 :]] for row in rows)


def damage(path: Path, column: str, every: int) -> None:
    """Make a number unreadable in every so many rows that have one."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    at, seen = head.index(column), 0
    for row in rows:
        if row[at]:
            seen += 1
            row[at] = "n/a" if seen % every == 0 else row[at]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


@pytest.mark.parametrize(
    "systems",
    [("salesforce", "netsuite"), ("kantata", "netsuite")],
    ids="+".join,
)
def test_a_firm_of_fewer_systems_has_no_break_and_what_needs_another_does_not_run(
    never_run: Path, tmp_path: Path, systems: tuple[str, ...]
) -> None:
    some = Firm(tmp_path / "firm")
    for system in systems:
        shutil.copytree(never_run / "exports" / system, some.folder / "exports" / system)
    document = yaml.safe_load((never_run / FILE).read_text("utf-8"))
    document["connections"] = {name: document["connections"][name] for name in systems}
    (some.folder / FILE).write_text(yaml.safe_dump(document), "utf-8")
    some.run()
    assert some.rows("select check_id, title from recon.breaks") == []
    silent = some.rows("select check_id, reason from recon.coverage where status <> 'ran' and reason <> ''")
    assert silent
    assert all("no connection supplies" in reason for _, reason in silent)


@pytest.mark.parametrize(
    ("file", "silent"),
    [("kantata/billing_milestones.jsonl", "K69"), ("kantata/expense_report_submissions.jsonl", "K46")],
)
def test_revenue_is_not_held_against_evidence_of_which_a_file_is_missing(
    never_run: Path, tmp_path: Path, file: str, silent: str
) -> None:
    some = Firm(tmp_path / "firm")
    shutil.copytree(never_run, some.folder)
    (some.folder / "exports" / file).unlink()
    some.run()
    assert some.rows("select check_id, title from recon.breaks where status <> 'timing'") == []
    assert some.rows(f"select distinct status from recon.coverage where check_id = '{silent}'") == [("not_run",)]


def test_rules_that_lack_a_file_do_not_run_and_say_which(without_files: Firm) -> None:
    silent = dict(without_files.rows("select check_id, reason from recon.coverage where status <> 'ran'"))
    assert {"K14", "K54", "K58"} <= set(silent)
    assert "timebill" in silent["K14"]
    assert "transactionaccountingline" in silent["K54"]


def test_rules_that_lack_a_field_or_a_rate_do_not_run_and_say_which(without_files: Firm) -> None:
    silent = dict(without_files.rows("select check_id, reason from recon.coverage where status <> 'ran'"))
    assert silent["K68"] == "no agreement version of CRM states movement cause"
    assert silent["K69"] == "no obligation of REVREC states is rpo exempt"
    assert "no agreement of CRM states is purchase order required" in silent["K70"].split("; ")
    assert "tieout.yml states no intercompany rates" in silent["K22"].split("; ")
    asked = "select distinct status from recon.coverage where check_id in ('K22', 'K68', 'K69', 'K70')"
    assert without_files.rows(asked) == [("not_run",)]


def test_a_metric_that_lacks_a_file_has_no_value_and_says_which(without_files: Firm) -> None:
    snapshot = Snapshot.open(snapshots(without_files.project)[0])
    told = explain(without_files.project, snapshot, "metric:utilisation_billable[period=2026-02]")
    assert told["value"] is None
    assert told["not_available"] == "kantata/time_off_entries is absent"
    told = explain(without_files.project, snapshot, "metric:utilisation_recorded[period=2026-02]")
    assert told["value"][0]["value"] > 0
    stopped = "select stream from raw.streams where connection = 'kantata' and status not in ('landed', 'unchanged')"
    assert without_files.rows(stopped) == [("time_off_entries",)]


def test_a_firm_that_says_nothing_of_purchase_orders_is_funded_as_it_is_signed(without_files: Firm) -> None:
    assert without_files.rows("select count(*) from revenue.evidence where kind = 'funded'") == [(0,)]
    assert without_files.rows("select count(*) from revenue.positions where funded_backlog <> backlog") == [(0,)]


def test_nothing_is_recharged_without_a_rate(without_files: Firm) -> None:
    assert without_files.rows("select * from revenue.recharges") == []


def test_a_file_that_is_missing_leads_to_no_proposal(without_files: Firm) -> None:
    assert without_files.rows(f"select kind, reason from recon.actions where {POSTS}") == []


def test_rows_that_cannot_be_read_are_named_as_such(with_bad_rows: Firm) -> None:
    assert with_bad_rows.rows("select count(*) > 0 from quarantine.rows where status = 'open'") == [(True,)]
    assert with_bad_rows.rows("select distinct cause from recon.breaks where check_id = 'K14'") == [("quarantined",)]
    ledger = with_bad_rows.rows("select distinct cause from recon.breaks where check_id in ('K54', 'K58')")
    assert ledger == [("quarantined",)]


def test_rows_that_cannot_be_read_lead_to_no_proposal(with_bad_rows: Firm) -> None:
    assert with_bad_rows.rows(f"select kind, reason from recon.actions where {POSTS}") == []
    assert with_bad_rows.rows("select check_id from recon.proofs where residual <> 0") == []


def test_what_is_discarded_is_no_more_absent_than_before(with_bad_rows: Firm) -> None:
    breaks = "select break_id, cause from recon.breaks where status = 'open' order by all"
    before = with_bad_rows.rows(breaks)
    with warehouse.opened(with_bad_rows.project) as con:
        discard(con, [row_id for (row_id,) in con.execute("select row_id from quarantine.rows").fetchall()])
    with_bad_rows.run()
    assert with_bad_rows.rows("select distinct status from quarantine.rows") == [("discarded",)]
    assert with_bad_rows.rows(breaks) == before
    assert with_bad_rows.rows(f"select kind, reason from recon.actions where {POSTS}") == []


def test_lines_without_a_key_lead_to_no_proposal(with_cut_lines: Firm) -> None:
    assert with_cut_lines.rows("select count(*) from quarantine.keys") == [(0,)]
    found = with_cut_lines.rows("select check_id, cause from recon.breaks where check_id in ('K01', 'K14')")
    assert sorted(found) == [("K01", "quarantined"), ("K14", "quarantined")]
    assert with_cut_lines.rows(f"select kind, reason from recon.actions where {POSTS}") == []
    assert with_cut_lines.rows("select check_id from recon.proofs where residual <> 0") == []
