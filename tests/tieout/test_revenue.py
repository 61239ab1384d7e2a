"""A clean firm's books are what the evidence says they should be: each line, each balance, each month, to the cent."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from app import pipeline, warehouse
from app.project import Project
from tests.tieout.loop import untied


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
        where row_id is null and object not in ('int_time_entry__valued', 'int_expense__claims')
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
