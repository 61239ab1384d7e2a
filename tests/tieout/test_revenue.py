"""A clean firm's books are what the evidence says they should be: each line, each balance, each month, to the cent."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from app import pipeline, warehouse
from app.data import Snapshot
from app.project import Project
from app.publish import snapshots
from app.revenue_data import Scope, obligations
from tests.tieout.loop import Firm, untied


@pytest.fixture(scope="module")
def clean(faultless_firm: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the firm without faults, to compute on."""
    folder = tmp_path_factory.mktemp("clean") / "firm"
    shutil.copytree(faultless_firm, folder)
    return Project.load(folder)


def rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with warehouse.opened(project) as con:
        return con.execute(query).fetchall()


def test_the_books_of_a_clean_firm_are_what_the_evidence_says(clean: Project) -> None:
    assert rows(clean, "select count(*) > 500 from revenue.line_balances") == [(True,)]
    assert untied(clean) == []


def test_every_posted_invoice_line_is_evidence_once(clean: Project) -> None:
    posted = """
        select sum(net_amount), count(*) from intermediate.int_invoice_line__claims
        where role = 'ERP' and claim_state = 'ok' and is_posted and agreement_id is not null
        """
    evidence = """
        select sum(case when kind = 'credited' then -amount else amount end), count(*) from revenue.evidence
        where kind in ('invoiced', 'credited')
        """
    assert rows(clean, posted) == rows(clean, evidence)


def test_every_row_of_evidence_leads_to_its_source(clean: Project) -> None:
    astray = """
        select kind, object, source_id from revenue.evidence
        where row_id is null
          and object not in ('int_time_entry__valued', 'int_expense__claims', 'int_assignment__claims')
        """
    assert rows(clean, astray) == []
    summed = """
        select sum(records) from revenue.evidence
        where object = 'int_time_entry__valued' and json_extract_string(attributes, '$.approved') = 'true'
        """
    entries = """
        select count(*) from intermediate.int_time_entry__valued
        where agreement_id is not null and state = 'approved' and kind = 'actual' and posting_period is not null
          and (line_billing_type in ('fixed_fee', 'managed_service') or line_billing_type = 'tm' and is_billable)
        """
    assert rows(clean, summed) == rows(clean, entries)


def test_computing_again_gives_the_same_rows(clean: Project) -> None:
    from reconcile.revenue.run import TABLES, recompute_revenue

    def told() -> dict[str, list[tuple[Any, ...]]]:
        return {table: rows(clean, f"select * from revenue.{table}") for table in TABLES}

    before = told()
    with warehouse.opened(clean) as con:
        recompute_revenue(con, clean.policies(), as_of=pipeline.as_of(clean))
    assert told() == before


def test_an_earlier_period_stays_as_it_was_told_then(clean: Project) -> None:
    from reconcile.revenue.run import recompute_revenue

    positions = "select * from revenue.positions where period <= '2025-09' order by all"
    now = rows(clean, positions)
    with warehouse.opened(clean) as con:
        recompute_revenue(con, clean.policies(), as_of=pipeline.as_of(clean), through="2025-09")
    try:
        assert rows(clean, positions) == now
    finally:
        with warehouse.opened(clean) as con:
            recompute_revenue(con, clean.policies(), as_of=pipeline.as_of(clean))


def test_what_is_deferred_is_planned_to_be_earned_to_the_cent(clean: Project) -> None:
    wrong = """
        select positions.agreement_id, positions.period, positions.contract_liability, sum(releases.amount)
        from revenue.positions
        left join revenue.deferred_releases as releases using (agreement_id, book, period)
        group by all
        having positions.contract_liability <> coalesce(sum(releases.amount), 0) or min(releases.amount) < 0
        """
    assert rows(clean, wrong) == []
    dated = "select count(*) filter (release_period is null) < 0.1 * count(*) from revenue.deferred_releases"
    assert rows(clean, dated) == [(True,)]
    early = "select count(*) from revenue.deferred_releases where release_period <= period"
    assert rows(clean, early) == [(0,)]


def _worked(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Monthly sums of time of agreements that have time of every kind: late, submitted, corrected."""
    chosen = snapshot.rows(
        """
        select distinct agreement_id from (
            select project_id, row_number() over (partition by kind, state, posting_period > strftime(work_on, '%Y-%m')
                order by source_id) as place
            from marts.time_entry where agreement_line_key is not null
        ) as kinds inner join marts.project using (project_id) where place <= 2 and agreement_id is not null
        """
    )
    scope = Scope("primary", "", "", "USD", "2000-01", "2099-12")
    return [
        event
        for row in chosen
        for event in obligations.evidence(snapshot, scope, row["agreement_id"], kinds=("worked",)).to_dicts()
        if event["object"] == "int_time_entry__valued"
    ]


def test_the_entries_behind_a_month_are_those_that_add_up_to_it(typical: Firm) -> None:
    """Also where time was approved late: it counts in a later month than the one it was done in."""
    snapshot = Snapshot.open(snapshots(typical.project)[0])
    events = _worked(snapshot)
    months_of_work: set[bool] = set()
    for event in events:
        listed = obligations.entries(snapshot, event)
        assert listed.height == event["records"]
        assert sum(round(hours, 4) for hours in listed["hours"].drop_nulls()) == event["quantity"]
        if event["amount"]:
            assert sum(listed["amount"]) == event["amount"]
        if event["standing"] != "submitted":
            months_of_work |= {f"{day:%Y-%m}" == event["period"] for day in listed["happened_on"]}
    assert {event["standing"] for event in events} == {None, "submitted"}
    assert months_of_work == {False, True}
