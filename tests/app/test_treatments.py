"""How an amendment is accounted for, decided on the page Revenue: what it would do, who may, and what was recorded."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from app.project import Project
from contracts.state import open_state, start_run, treat
from reconcile.revenue.overrides import overrides
from tests.app.opened import opened
from tests.app.revenue_world import RUN


def texts(test: AppTest) -> str:
    return "\n".join(str(one.value) for kind in (test.markdown, test.caption) for one in kind)


def test_a_revenue_accountant_accounts_for_an_amendment_otherwise(
    own_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(own_world, "revenue", monkeypatch, agreement="A-SOW-1", obligation="SOW-1/1", person="rita")
    test.selectbox(key="treat-as-2").set_value("prospective").run()

    said = texts(test).replace(r"\$", "$")
    assert "It takes effect with the next run and counts from 2026-03 on" in said
    # 200 of 900 hours of 120,000 were done; the 93,333.33 left and the 30,000 more are spread over the other 800 hours.
    assert "revenue of 2026-03 changes by **−$1,944.44**" in said
    assert "Months before 2026-03 are closed to it and stay as they are." in said
    shown = next(one.value for one in test.dataframe if "recognised_then" in one.value.columns)
    assert shown.iloc[0].tolist() == [
        "SOW-1/1", 80_000, Decimal("78055.56"), Decimal("-1944.44"), 150_000, 150_000,
    ]  # fmt: skip
    assert "Revenue accountants and controllers decide: rita." in said

    test.text_input(key="treat-reason").set_value("the hours are a service of their own").run()
    next(one for one in test.button if one.key == "treat").click().run()

    assert [one.value for one in test.success] == ["Decided as rita: it counts from 2026-03 on, with the next run."]
    taken = next(one.value for one in test.dataframe if "standing" in one.value.columns)
    assert taken[["version_no", "of_what", "treatment", "period", "person", "reason", "standing"]].values.tolist() == [
        [2, "SOW-1/1", "Prospective", "2026-03", "rita", "the hours are a service of their own",
         "counts with the next run"],
    ]  # fmt: skip
    (recorded,) = overrides(open_state(Project.load(own_world).state))
    assert (recorded.agreement_id, recorded.version_no, recorded.treatment) == ("A-SOW-1", 2, "prospective")


@pytest.mark.parametrize(
    ("person", "reason", "refused"),
    [
        ("ana", "it looks better", "tieout.yml people: ana is neither revenue_accountant nor controller"),
        ("rita", "  ", "Say why policy does not fit: the reason is kept with the decision."),
    ],
)
def test_a_treatment_is_refused_to_who_may_not_and_without_a_reason(
    own_world: Path, person: str, reason: str, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(own_world, "revenue", monkeypatch, agreement="A-SOW-1", obligation="SOW-1/1", person=person)

    test.text_input(key="treat-reason").set_value(reason).run()
    next(one for one in test.button if one.key == "treat").click().run()

    assert [one.value for one in test.error] == [refused]
    assert overrides(open_state(Project.load(own_world).state)) == []


def test_an_earlier_run_takes_no_decision(own_world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its open month may have been closed since."""
    folder = own_world / ".tieout" / "published"
    earlier = f"{RUN[:-1]}0"
    shutil.copy(folder / f"{RUN}.duckdb", folder / f"{earlier}.duckdb")
    with duckdb.connect(str(folder / f"{earlier}.duckdb")) as con:
        con.execute("update recon.runs set run_id = ?", [earlier])

    test = opened(
        own_world, "revenue", monkeypatch, agreement="A-SOW-1", obligation="SOW-1/1", person="rita", run=earlier
    )

    assert [one.value for one in test.error] == [
        f"{earlier} is not the newest run, and its open month may be closed by now. "
        "Choose the newest run in the sidebar."
    ]
    assert not [one for one in test.button if one.key == "treat"]


def test_a_decision_stands_as_the_runs_have_read_it(own_world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = open_state(Project.load(own_world).state)
    march = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
    with state.begin() as connection:
        for place, treatment in enumerate(("separate", "prospective", "catch_up")):
            treat(connection, "A-SOW-1", 2, treatment, book="primary", obligation_key=None if place == 2 else "SOW-1/1",
                  period="2026-03", decided_on=march.date(), by="rita", reason="reviewed",
                  at=march + dt.timedelta(hours=place))  # fmt: skip
        start_run(connection, RUN, project="tiny", fingerprint="f", as_of=march.date(),
                  at=march + dt.timedelta(minutes=90))  # fmt: skip

    test = opened(own_world, "revenue", monkeypatch, agreement="A-SOW-1", obligation="SOW-1/1")

    taken = next(one.value for one in test.dataframe if "standing" in one.value.columns)
    assert taken[["of_what", "treatment", "standing"]].values.tolist() == [
        ["every line", "Cumulative catch-up", "counts with the next run"],
        ["SOW-1/1", "Prospective", "counts in this run"],
        ["SOW-1/1", "Separate contract", "replaced by a later decision"],
    ]
