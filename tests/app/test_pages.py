"""Each page opens on a firm with faults, shows the figures of the snapshot, and says what to do when empty."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app import parts
from app.data import ActionFilter, BreakFilter, Row, Snapshot
from app.figures import FIGURES, Figure
from app.format import escaped, money, sentence
from app.held import held_by_agreement
from app.page import pages
from app.parts import downloads  # opened pages put theirs in its place
from app.project import Project
from app.publish import snapshots
from app.registries import listing
from app.revenue_data.bridges import BRIDGES
from app.revenue_data.differences import DIFFERENCES
from app.views import backlog, balances
from contracts.breaks import STANDING
from tests.app.opened import opened


@pytest.fixture(scope="module")
def snapshot(typical_firm: Path) -> Snapshot:
    return Snapshot.open(snapshots(Project.load(typical_firm))[0])


def a_break(snapshot: Snapshot) -> Row:
    """A break with a proposed action and records."""
    name = snapshot.one("select min(break_id) as break_id from recon.breaks where status = 'proposed'")
    assert name is not None
    found = snapshot.break_by_id(name["break_id"])
    assert found is not None
    return found


def texts(test: AppTest) -> str:
    return "\n".join(str(one.value) for one in [*test.markdown, *test.caption, *test.success, *test.info, *test.error])


@pytest.mark.parametrize("path", [page.path for page in pages()])
def test_a_page_opens_on_a_firm_with_faults(typical_firm: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(typical_firm, path, monkeypatch)

    assert not test.error
    assert test.title[0].value == next(page.title for page in pages() if page.path == path)


@pytest.mark.parametrize("path", [page.path for page in pages()])
def test_a_page_says_what_to_do_before_the_first_run(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "tieout.yml").write_text(
        "firm: New Firm\nbase_currency: USD\nconnections:\n  netsuite: {system: netsuite, path: exports}\n"
    )

    test = opened(tmp_path, path, monkeypatch)

    assert test.subheader[0].value == "Nothing has been published yet"
    assert "tieout run" in texts(test)


@pytest.mark.parametrize(
    ("path", "key", "view"),
    [
        *(("bridges", "bridge", one.title) for one in (*BRIDGES.values(), *DIFFERENCES.values())),
        *(("backlog", "shown", title) for title in backlog.VIEWS.values()),
        *(("balances", "shown", title) for title in balances.VIEWS.values()),
    ],
)
def test_each_view_of_a_page_opens_on_a_firm_with_faults(
    typical_firm: Path, path: str, key: str, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(typical_firm, path, monkeypatch, **{key: view})

    assert not test.error
    assert test.segmented_control[0].value in (*BRIDGES, *DIFFERENCES, *backlog.VIEWS, *balances.VIEWS)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.measure)
def test_agreements_add_up_to_each_number_of_today(snapshot: Snapshot, figure: Figure, currency: str) -> None:
    held = {
        (row["measure"], row["role"]): row["amount"] for row in snapshot.positions("", "", currency, "USD").to_dicts()
    }
    month = f"{snapshot.run()['as_of']:%Y-%m}"

    found = held_by_agreement(snapshot, figure, list(figure.sources), month).filter(pl.col("currency") == currency)

    measure = "recognised" if figure.measure == "delivered" else figure.measure
    listed = {role: sum(found[role].drop_nulls(), Decimal(0)) for role in figure.sources if role in found.columns}
    assert listed == {role: held[measure, role] or 0 for role in listed}
    assert listed
    assert set(figure.sources) - set(listed) <= {"GL"}  # cash accounts name no agreement


def test_the_ledger_holds_what_was_ordered_once(snapshot: Snapshot) -> None:
    """The ledger's copy of a project has a price too; what it sold is its order."""
    claimed = snapshot.rows(
        "select sum(amount) as amount from marts.agreement_evidence where (measure, role) = ('sold', 'ERP')"
    )
    ordered = snapshot.rows("select sum(ordered_amount) as amount from marts.agreement_position")

    assert claimed == ordered
    assert ordered[0]["amount"] > 0


def test_a_number_of_today_leads_to_the_agreements_in_which_roles_differ(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(typical_firm, "alignment", monkeypatch, measure="contracted", role="PSA", currency="USD")

    shown = test.dataframe[0].value
    expected = held_by_agreement(snapshot, FIGURES[0], list(FIGURES[0].sources), "2026-03")
    first = expected.filter(pl.col("currency") == "USD").row(0, named=True)
    assert shown["agreement_number"].iloc[0] == first["agreement_number"]
    assert shown["difference"].iloc[0] == first["difference"] > 0
    psa = next(row["amount"] for row in snapshot.positions("", "", "USD", "USD").to_dicts()
               if (row["measure"], row["role"]) == ("contracted", "PSA"))  # fmt: skip
    assert f"In PSA they come to {escaped(money(psa, 'USD'))}." in texts(test)


def test_a_break_says_what_its_check_asks(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = a_break(snapshot)

    test = opened(typical_firm, "breaks", monkeypatch, **{"break": found["break_id"]})

    assert snapshot.help_of(found["check_id"])[:60] in texts(test)


@pytest.mark.parametrize("asked", ["K14", "k14"])
def test_a_check_is_asked_for_by_its_number_and_chosen_by_its_name(
    typical_firm: Path, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(typical_firm, "breaks", monkeypatch, check=asked)

    selector = next(one for one in test.selectbox if one.label == "Check")
    assert selector.value == "K14"
    assert "K14 time completeness" in selector.options
    assert set(test.dataframe[0].value["check_id"]) == {"K14"}
    assert test.query_params["check"] == "K14"


def test_breaks_are_filtered_by_age(typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    young = opened(typical_firm, "breaks", monkeypatch, age="0-30")
    old = opened(typical_firm, "breaks", monkeypatch, age="over 90")

    standing = snapshot.break_totals(BreakFilter(status=("open", "proposed", "approved", "sent")))["breaks"]
    counts = [0 if test.subheader else int(test.metric[0].value.replace(",", "")) for test in (young, old)]
    ages = snapshot.rows("select age_days from recon.breaks where status in ('open', 'proposed', 'approved', 'sent')")
    assert counts == [sum(row["age_days"] <= 30 for row in ages), sum(row["age_days"] > 90 for row in ages)]
    assert 0 < sum(counts) <= standing


def test_a_run_that_is_not_kept_is_said(typical_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(typical_firm, "today", monkeypatch, run="RUN-2020-01-31-ABCDEF")

    assert "RUN-2020-01-31-ABCDEF is not kept here" in test.warning[0].value


@pytest.fixture
def own_firm(typical_firm: Path, tmp_path: Path) -> Path:
    """A copy of the firm, to change."""
    return Path(shutil.copytree(typical_firm, tmp_path / "firm"))


@pytest.fixture
def earlier(own_firm: Path) -> tuple[Path, str]:
    """A firm of two published runs, and the earlier one."""
    newest = snapshots(Project.load(own_firm))[0]
    name = f"{newest.stem[:-1]}{'0' if newest.stem[-1] != '0' else '1'}"
    shutil.copy(newest, newest.with_stem(name))
    with duckdb.connect(str(newest.with_stem(name))) as con:
        con.execute("update recon.runs set run_id = ?", [name])
    return own_firm, name


def test_an_earlier_run_is_looked_at_and_decides_nothing(
    earlier: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    firm, run = earlier
    action = Snapshot.open(snapshots(Project.load(firm))[0]).actions(ActionFilter(), limit=1)["action_id"][0]
    refused = f"{run} is not the newest run, and its actions may have changed by now."

    shown = opened(firm, "actions", monkeypatch, action=action, person="carl", run=run)
    shown.button(key="approve-one").click().run()
    assert refused in shown.error[0].value
    assert "An earlier run" in texts(shown)

    listed = opened(firm, "actions", monkeypatch, person="carl", run=run)
    listed.button(key="emit").click().run()
    assert refused in listed.error[0].value
    assert not (firm / "batches").exists()


def test_an_action_says_who_decided_on_it(own_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = Snapshot.open(snapshots(Project.load(own_firm))[0]).actions(ActionFilter(), limit=None)
    action = waiting.filter(pl.col("required_role") == "controller")["action_id"][-1]
    test = opened(own_firm, "actions", monkeypatch, action=action, person="carl")

    test.button(key="approve-one").click().run()

    assert {"Decided by carl.", "Approved so far by carl."} & set(texts(test).splitlines())


def test_a_page_left_open_goes_on_with_the_newest_run(own_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshots(Project.load(own_firm))[0]
    test = opened(own_firm, "breaks", monkeypatch)

    newer = before.with_stem("RUN-2026-03-07-0123456789AB")
    shutil.copy(before, newer)
    with duckdb.connect(str(newer)) as con:
        con.execute("update recon.runs set run_id = ?", [newer.stem])
    pointer = before.parent / "current.json"
    pointer.write_text(pointer.read_text("utf-8").replace(before.stem, newer.stem), "utf-8")
    test.run()

    assert next(one for one in test.selectbox if one.label == "Run").value == newer.stem
    assert "An earlier run" not in texts(test)


def test_an_earlier_run_whose_newest_is_gone_says_so(
    earlier: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    firm, _ = earlier
    snapshots(Project.load(firm))[0].unlink()

    test = opened(firm, "today", monkeypatch)

    assert "The snapshot of the newest run is missing" in test.warning[0].value


def test_where_nobody_decides_the_page_says_why(
    own_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = own_firm / "tieout.yml"
    file.write_text(file.read_text("utf-8").partition("people:")[0], "utf-8")
    action = snapshot.actions(ActionFilter(), limit=1)["action_id"][0]

    test = opened(own_firm, "actions", monkeypatch, action=action)

    assert test.button(key="approve-one").label == "Approve"
    assert test.button(key="approve-one").disabled
    assert "Nobody decides here yet" in texts(test)


def test_no_break_of_what_is_chosen_is_not_said_of_the_whole_firm(
    own_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is what differs by what each role holds passed over."""
    with duckdb.connect(str(snapshots(Project.load(own_firm))[0])) as con:
        con.execute("delete from recon.breaks")
    proofs = f"all {snapshot.proofs().height} proofs hold."

    whole = opened(own_firm, "today", monkeypatch).success[0].value
    chosen = opened(own_firm, "today", monkeypatch, currency="EUR").success[0].value
    queue = opened(own_firm, "breaks", monkeypatch)

    assert whole.startswith(f"Everything ties out: no break, and {proofs} What differs below does so by what each role")
    assert chosen.startswith(f"No break stands in what is chosen, and {proofs}")
    assert queue.subheader[0].value == "No break stands"


def test_figures_that_differ_without_a_break_are_told_apart(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A success fee is part of the revenue arrangement and of no order: roles differ, and nothing is wrong."""
    found = held_by_agreement(snapshot, FIGURES[0], list(FIGURES[0].sources), "2026-03")
    silent = found.filter((pl.col("difference") != 0) & (pl.col("breaks") == 0)).height
    assert silent

    test = opened(typical_firm, "alignment", monkeypatch, measure="contracted")

    assert f"On {silent} of them no break stands" in texts(test)


def test_a_run_is_listed_with_what_it_found(typical_firm: Path, snapshot: Snapshot) -> None:
    """The same breaks and money as on Today: those that stand, once per cause."""
    totals = snapshot.break_totals(BreakFilter(status=STANDING))

    (run,) = listing("runs", typical_firm)

    assert (run["breaks"], run["impact"]) == (totals["breaks"], totals["impact"])


def test_today_shows_that_nothing_is_unexplained(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(typical_firm, "today", monkeypatch)

    tiles = {one.label: one.value for one in test.metric}
    standing = snapshot.break_totals(BreakFilter(status=("open", "proposed", "approved", "sent")))
    assert tiles["Unexplained difference"] == "$0.00"
    assert tiles["Breaks"] == f"{standing['breaks']:,}"
    assert standing["breaks"] > 0


def test_what_is_unexplained_is_told_in_its_currency(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema recon")
        con.execute("""
            create table recon.proofs as
            select measure, currency, residual::decimal(18, 4) as residual
            from (values ('money', 'USD', -1.5), ('money', 'EUR', 2), ('money', 'EUR', 0), ('rows', null, 3))
                as proofs(measure, currency, residual)
            """)

    assert Snapshot.open(path).unexplained() == {
        "proofs": 4, "failed": 3,
        "residuals": [{"currency": "EUR", "amount": Decimal(2)}, {"currency": "USD", "amount": Decimal("1.5")}],
    }  # fmt: skip


def test_today_shows_each_figure_of_each_role(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(typical_firm, "today", monkeypatch)

    shown = {one.key: one.label for one in test.button}
    held = {(row["measure"], row["role"]): row["amount"] for row in snapshot.positions("", "", "", "USD").to_dicts()}
    assert shown["billed-ERP"] == money(held["billed", "ERP"], "USD")
    assert shown["recognised-GL"] == money(held["recognised", "GL"], "USD")
    assert shown["backlog-CRM"] == money(held["backlog", "CRM"], "USD")


def test_today_of_one_currency_shows_that_currency(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(typical_firm, "today", monkeypatch, currency="EUR")

    held = {(row["measure"], row["role"]): row["amount"] for row in snapshot.positions("", "", "EUR", "USD").to_dicts()}
    shown = {one.key: one.label for one in test.button}
    assert shown["contracted-CRM"] == money(held["contracted", "CRM"], "EUR")


def test_a_role_that_knows_only_the_present_says_so(typical_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(typical_firm, "today", monkeypatch, period="2025-06")

    shown = {one.key for one in test.button}
    assert "contracted-CRM" in shown
    assert "contracted-PSA" not in shown
    assert "now only" in [one.value for one in test.caption]


def test_a_legal_entity_is_chosen_by_its_name(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, name = next(iter(snapshot.legal_entities().items()))

    test = opened(typical_firm, "breaks", monkeypatch, entity=name)

    standing = ("open", "proposed", "approved", "sent")
    expected = snapshot.break_totals(BreakFilter(status=standing, legal_entity=code))
    assert 0 < expected["breaks"] == int(test.metric[0].value.replace(",", ""))


def test_alignment_leads_from_an_agreement_to_a_source_row(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = snapshot.one("select agreement_id from marts.agreement_position where billed_amount > 0 order by 1")
    assert agreement is not None

    test = opened(
        typical_firm, "alignment", monkeypatch, agreement=agreement["agreement_id"], measure="billed", role="ERP"
    )

    assert test.selectbox(key="figure").value == ("billed", "ERP")
    assert "NetSuite transactionline" in texts(test)
    assert any(list(one.value.columns) == ["Field", "Value"] for one in test.dataframe)


def test_a_break_shows_all_sides_and_its_records(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = a_break(snapshot)

    test = opened(typical_firm, "breaks", monkeypatch, **{"break": found["break_id"]})

    assert test.title[0].value == sentence(found["title"])
    sections = ["What each system says", "Records", "Cause", "Correction", "Work on it"]
    assert [one.value for one in test.subheader] == sections


def test_the_queue_finds_a_break_by_what_people_know(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = snapshot.one(
        "select customer_name from recon.breaks where customer_name is not null and status = 'proposed' order by 1"
    )
    assert known is not None

    test = opened(typical_firm, "breaks", monkeypatch, search=known["customer_name"])

    queue = test.dataframe[0].value
    assert set(queue["customer_name"]) == {known["customer_name"]}


def test_an_unknown_break_is_answered_with_what_to_do(typical_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(typical_firm, "breaks", monkeypatch, **{"break": "BRK-unknown"})

    assert "No break BRK-unknown" in test.subheader[0].value


def test_an_action_shows_before_and_after_and_the_call(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = snapshot.actions(ActionFilter(), limit=1)

    test = opened(typical_firm, "actions", monkeypatch, action=actions["action_id"][0])

    assert test.title[0].value == sentence(actions["reason"][0])
    assert [one.label for one in test.button if one.key.startswith(("approve", "reject"))] != []
    assert '"method"' in test.code[0].value


def test_the_preparer_is_not_the_approver(typical_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An analyst may look and propose, but has no role that approves a financial correction."""
    snapshot = Snapshot.open(snapshots(Project.load(typical_firm))[0])
    action = snapshot.one(
        "select action_id from recon.actions where approval ->> '$.required_role' = 'controller' order by 1"
    )
    assert action is not None
    test = opened(typical_firm, "actions", monkeypatch, action=action["action_id"])
    test.selectbox(key="person").set_value("ana")
    test.run()

    test.button(key="approve-one").click()
    test.run()

    assert "ana" in test.error[0].value


def test_a_reader_sees_words_not_codes(typical_firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(typical_firm, "breaks", monkeypatch, owner="Finance operations")

    queue = test.dataframe[0].value
    assert set(queue["owner"]) == {"Finance operations"}
    assert set(queue["at_fault"]) <= {"", "Salesforce", "Kantata", "NetSuite"}
    assert not any("_" in status for status in queue["status"])


@pytest.mark.parametrize(
    ("address", "chosen"),
    [
        ({}, BreakFilter()),
        ({"check": "K14"}, BreakFilter(check_id="K14")),
        ({"currency": "EUR", "severity": "S2"}, BreakFilter(currency="EUR", severity=("S2",))),
        ({"period": "2025-06"}, BreakFilter(upto="2025-06")),
    ],
)
def test_the_export_holds_exactly_what_is_filtered(
    typical_firm: Path,
    snapshot: Snapshot,
    monkeypatch: pytest.MonkeyPatch,
    address: dict[str, str],
    chosen: BreakFilter,
) -> None:
    standing = ("open", "proposed", "approved", "sent")
    test = opened(typical_firm, "breaks", monkeypatch, **address)

    exported = test.session_state["exported-breaks"]
    expected = snapshot.breaks(replace(chosen, status=standing), limit=None)
    assert exported.equals(expected)
    assert 0 < exported.height == int(test.metric[0].value.replace(",", ""))


def test_a_file_holds_each_row_and_each_cent() -> None:
    frame = pl.DataFrame(
        {"title": ["Zürich, 4 h", None], "impact": ["1234.50", "-0.01"]},
        schema_overrides={"impact": pl.String},
    ).with_columns(pl.col("impact").cast(pl.Decimal(18, 4)))

    text = parts.csv(frame).decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(parts.excel(frame, "breaks"))) as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml").decode()

    assert text.splitlines() == ["title,impact", '"Zürich, 4 h",1234.5000', ",-0.0100"]
    assert "<v>1234.5000</v>" in sheet
    assert "<v>-0.0100</v>" in sheet


def test_a_file_has_the_columns_of_its_table_first_and_under_their_headings() -> None:
    frame = pl.DataFrame({"break_id": ["B"], "kind": ["RE_RATE"], "at_fault": ["netsuite"], "amount": [1]})
    columns = {"at_fault": {"label": "At fault"}, "amount": {"label": "Kind"}, "assignee": {"label": "Assigned to"}}

    assert parts.exported(frame, columns, {"netsuite": "NetSuite"}).to_dicts() == [
        {"At fault": "NetSuite", "Kind": 1, "Break ID": "B", "kind": "Re-rate"}
    ]


def test_a_sum_of_records_is_no_object_of_a_system() -> None:
    frame = pl.DataFrame({"object": ["int_time_entry__valued", "OrderItem", None]})

    assert parts.readable(frame, {}).to_dict(as_series=False) == {"object": ["sum of time entry", "OrderItem", ""]}


def test_a_file_is_written_after_the_page_is_drawn_and_outside_of_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    buttons: dict[str, Any] = {}
    read: list[str] = []

    class Row:
        def download_button(self, title: str, *, data: Any, **_: object) -> None:
            buttons[title] = data

    def rows() -> pl.DataFrame:
        read.append("rows")
        return pl.DataFrame({"at_fault": ["netsuite"]})

    view = parts.View(None, None, {}, "", "", "", "", {"netsuite": "NetSuite"})  # type: ignore[arg-type]
    monkeypatch.setattr(parts.st, "container", lambda **_: Row())
    monkeypatch.setattr(parts, "view", lambda: view)
    downloads(rows, "breaks", {"at_fault": {"label": "At fault"}})
    monkeypatch.delattr(parts, "view")

    assert read == []
    assert buttons["CSV"]().decode("utf-8-sig").splitlines() == ["At fault", "NetSuite"]
    assert buttons["Excel"]()[:2] == b"PK"


def test_a_record_carries_the_page_that_opens_it(snapshot: Snapshot) -> None:
    pages = snapshot.rows(
        "select distinct object, url from recon.break_records where object in ('time_entries', 'Order')"
    )

    assert pages
    assert all(row["url"].startswith("https://") for row in pages)


def test_what_is_new_or_gone_is_told_from_the_run_before() -> None:
    con = duckdb.connect()
    con.execute("create schema recon")
    con.execute("create table recon.runs (run_id text, previous_run_id text, sequence int, as_of date)")
    con.execute("insert into recon.runs values ('R2', 'R1', 2, null), ('R1', 'R3', 1, null)")
    con.execute("create table recon.break_history as select 'B1' as break_id, 'R1' as run_id, 'open' as status")
    con.execute(
        "create table recon.breaks as select * from "
        "(values ('B1', 'open', 1, 'exposure'), ('B2', 'open', 20, 'exposure'), ('B3', 'cleared', 300, 'misstatement'),"
        " ('B4', 'open', 4000, 'none')) as t(break_id, status, impact, money_kind), (select true as is_root)"
    )

    changes = Snapshot(Path("none"), con).changes(BreakFilter())

    assert changes == {"new": 2, "gone": 1, "new_impact": 20, "gone_impact": 300}


def test_a_break_is_assigned_commented_and_accepted(
    own_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = a_break(snapshot)
    test = opened(own_firm, "breaks", monkeypatch, **{"break": found["break_id"]}, person="carl")

    test.selectbox(key="assign-to").set_value("ana")
    test.button(key="assign-now").click().run()
    assert "Assigned to ana" in texts(test)
    test.text_area(key="comment-text").set_value("Asked the project manager")
    test.button(key="comment-now").click().run()
    assert "Asked the project manager" in texts(test)
    test.button(key="accept-now").click().run()
    assert "Say why" in test.error[0].value
    test.text_input(key="accept-reason").set_value("Agreed with the customer")
    test.button(key="accept-now").click().run()
    assert "Accepted by carl: Agreed with the customer" in texts(test)


def test_a_record_that_another_call_creates_is_called_new(
    typical_firm: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = snapshot.actions(ActionFilter(status=("proposed", "approved")), limit=None)
    to_come = listed.filter(pl.col("record_id").str.starts_with("${"))
    assert not to_come.is_empty()

    test = opened(typical_firm, "actions", monkeypatch)
    exported = test.session_state["exported-actions"]
    assert not exported["record_id"].fill_null("").str.contains("${", literal=True).any()
    one = exported.filter(action_id=to_come["action_id"][0])
    assert one["record_id"].to_list() == ["a new record"]

    test = opened(typical_firm, "actions", monkeypatch, action=str(to_come["action_id"][0]))
    assert any(heading.value.endswith(", a new record") for heading in test.subheader)
