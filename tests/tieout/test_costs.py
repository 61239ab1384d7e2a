"""What projects cost: by hours and cost rates, in the ledger, and in the margin that delivery and finance see."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest

from app.project import FILE, Project
from contracts.errors import ConfigError
from ingest.sandbox import grow
from reconcile.context import Context, RunConfig
from reconcile.coverage import reasons
from reconcile.rules import labour_cost, margin_parity, subcontractor_cost
from tests.tieout.loop import Correction, Firm
from tests.tieout.verdict import assert_apart, assert_scored, assert_verified, disturbed

CHECKS = ("K71", "K72", "K73")
#: What legal entities owe each other for the same work.
RECHARGES = "K22"
UNBALANCED = "select * from revenue.identities where identity = 'I14' and failed > 0"
PATTERNS = {"labour_left_out", "labour_at_old_rate", "bill_on_other_project", "bill_not_accrued", "overhead_typed"}

#: Hours x cost rate of approved entries of agreements, whichever month they count in.
ENTRIES = """
select entry.currency, sum(round(cast(entry.hours as decimal(28, 8)) * entry.cost_rate, 4))
from marts.time_entry as entry join marts.project as project using (project_id)
where entry.kind = 'actual' and entry.state = 'approved' and entry.agreement_line_key is not null
  and project.agreement_id is not null and entry.approved_period <= '2026-02'
group by entry.currency order by entry.currency
"""
COSTS = "select currency, sum(amount), count(*) from revenue.project_costs where not is_booked group by 1 order by 1"


@pytest.mark.long
def test_every_pattern_strikes_a_typical_firm() -> None:
    _, truth, _ = grow(size=120, seed=11, faults="typical", only=CHECKS)
    assert {row["pattern"] for row in truth} == PATTERNS
    assert_apart(truth)


def test_the_ledger_of_a_clean_firm_has_what_the_work_cost(faultless_firm: Path) -> None:
    one = Firm(faultless_firm)
    sides = "select kind, is_booked, currency, sum(amount) from revenue.project_costs group by all"
    due = {(kind, currency): amount for kind, booked, currency, amount in one.rows(sides) if not booked}
    booked = {(kind, currency): amount for kind, booked, currency, amount in one.rows(sides) if booked}
    assert due == booked
    assert {kind for kind, _ in due} == {"labour", "subcontractor"}
    parted = (
        "select project_id from revenue.margins group by project_id, period having count(distinct margin_amount) > 1"
    )
    assert one.rows(parted) == []


def test_what_the_work_cost_is_hours_times_the_rates_of_the_entries(faultless_firm: Path) -> None:
    one = Firm(faultless_firm)
    entries = dict(one.rows(ENTRIES))
    assert entries
    for currency, amount, rows in one.rows(COSTS):
        assert abs(amount - entries[currency]) <= rows * 0.005


def test_bills_that_have_not_come_are_accrued_and_no_break(faultless_firm: Path) -> None:
    one = Firm(faultless_firm)
    accrued = one.rows(
        "select min(period), count(distinct period) from marts.journal_line "
        "where account_role = 'accrued_bills' and amount < 0"
    )
    assert accrued == [("2026-02", 1)]
    assert one.rows(f"select title from recon.breaks where check_id in {CHECKS}") == []


@pytest.mark.parametrize(
    ("stated", "silent"),
    [
        ((), {"labour_cost", "subcontractor_cost", "margin_parity"}),
        (("cost_ledger of labour",), {"subcontractor_cost", "margin_parity"}),
        (("cost_ledger of labour", "cost_ledger of subcontractors"), set()),
    ],
)
def test_a_firm_without_a_cost_ledger_is_not_asked(stated: tuple[str, ...], silent: set[str]) -> None:
    context = Context(as_of=dt.date(2026, 3, 6), config=RunConfig(base_currency="USD", settings=frozenset(stated)))
    rules = [labour_cost.RULE, subcontractor_cost.RULE, margin_parity.RULE]
    found = reasons(duckdb.connect(), rules, context)
    assert set(found) == silent
    assert all(text.startswith("tieout.yml states no cost_ledger of ") for text in found.values())


def test_a_cost_ledger_of_something_else_is_refused(faultless_firm: Path, tmp_path: Path) -> None:
    shutil.copy(faultless_firm / FILE, tmp_path / FILE)
    text = (tmp_path / FILE).read_text("utf-8").replace("cost_ledger: [labour,", "cost_ledger: [travel,")
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="cost_ledger"):
        Project.load(tmp_path)


@pytest.mark.long
def test_faults_of_cost_and_recharges_are_found_to_the_cent(faulty_books: Firm) -> None:
    assert_scored(faulty_books, of=(*CHECKS, RECHARGES), at_least=100)
    assert disturbed(faulty_books, (*CHECKS, RECHARGES)) == set()
    alone = "select title from recon.breaks where check_id = 'K73' and is_root and cause <> 'overhead on the project'"
    assert faulty_books.rows(alone) == []
    assert faulty_books.rows(UNBALANCED) != []


@pytest.mark.long
def test_journals_put_cost_and_recharges_right(righted_books: Correction) -> None:
    assert_verified(righted_books)
    assert righted_books.firm.rows(UNBALANCED) == []


@pytest.mark.long
def test_cost_of_a_closed_month_is_posted_in_the_open_one_with_its_own_date(righted_books: Correction) -> None:
    posted = righted_books.firm.rows(
        "select distinct strftime(posted_on, '%Y-%m') < period, period from marts.journal_line "
        "where document_ref in (select record_id from recon.deliveries) and account_role = 'labour_cost'"
    )
    assert {period for _, period in posted} <= {"2026-02", "2026-03"}
    assert any(earlier for earlier, _ in posted)
