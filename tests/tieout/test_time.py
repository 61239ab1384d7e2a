"""Time and expenses: every fault is found with its money, each correction puts it right, and delivery twice is once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Firm, firm

CHECKS = ("K14", "K15", "K16", "K18", "K21", "K24", "K46")
MINE = f"check_id in {CHECKS}"
STANDING = "status not in ('cleared', 'verified', 'timing')"
PATTERNS = {
    "charge_rule_unticked",
    "entry_deleted_after_sync",
    "expense_line_dropped",
    "expense_report_twice",
    "rate_of_default_card",
    "rate_of_expired_row",
    "time_edited_after_sync",
    "time_imported_again",
    "time_in_other_company",
    "time_page_skipped",
    "timesheet_withdrawn",
}


@pytest.mark.parametrize("faults", ["best", "typical"])
def test_every_pattern_strikes_a_small_firm_and_no_entry_twice(faults: str) -> None:
    _, truth, noise = grow(size=60, seed=7, faults=faults, only=CHECKS)
    assert {row["pattern"] for row in truth} == PATTERNS
    assert {row["pattern"] for row in noise} == {"time_approved_just_now", "hours_in_two_decimals", "rejected_copy"}
    struck = [
        one["id"]
        for row in truth
        for want in row["expected"]
        for one in want["records"]
        if one["object"] == "time_entries"
    ]
    assert len(struck) == len(set(struck))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    made = firm(tmp_path_factory.mktemp("time") / "firm", *CHECKS, seed=7, size=60, faults="typical")
    made.run()
    return made


@pytest.mark.long
def test_each_fault_is_found_with_its_money_and_what_follows_hangs_under_it(faulty: Firm) -> None:
    found = faulty.score()
    assert found.perfect, found.report()
    assert found.expected > 400
    below = faulty.rows("select count(*) from recon.breaks where check_id = 'K46' and not is_root")[0][0]
    assert below > 10


@pytest.mark.long
def test_time_on_its_way_waits_and_gets_no_action(faulty: Firm) -> None:
    waiting = faulty.rows("select break_id from recon.breaks where check_id = 'K14' and status = 'timing'")
    acted = {row[0] for row in faulty.rows("select unnest(breaks) from recon.actions")}
    assert waiting
    assert not acted & {row[0] for row in waiting}


@pytest.mark.long
@pytest.mark.parametrize("seed", [7, 11])
def test_what_is_approved_and_delivered_puts_time_charges_and_revenue_right(seed: int, tmp_path: Path) -> None:
    one = firm(tmp_path / "firm", *CHECKS, seed=seed, size=60, faults="typical")
    one.run()
    before = {row[0] for row in one.rows("select break_id from recon.breaks")}
    one.approve_all()
    answers = one.deliver()
    assert [answer for answer in answers if answer["outcome"] != "applied"] == []
    exports = one.exports()
    assert one.apply_again() == answers
    assert one.deliver() == answers
    assert one.exports() == exports
    one.run()
    assert one.rows(f"select check_id, title from recon.breaks where {STANDING} order by all") == []
    assert {row[0] for row in one.rows("select break_id from recon.breaks where status <> 'timing'")} <= before
    assert one.rows("select check_id, message from recon.proofs where residual <> 0") == []


@pytest.mark.parametrize(
    ("seed", "size"),
    [
        pytest.param(1, 60, marks=pytest.mark.long),
        pytest.param(7, 120, marks=pytest.mark.soak),
        pytest.param(11, 200, marks=pytest.mark.soak),
    ],
)
def test_other_firms_are_judged_without_a_miss_or_a_false_alarm(seed: int, size: int, tmp_path: Path) -> None:
    one = firm(tmp_path / "firm", *CHECKS, seed=seed, size=size, faults="poor")
    one.run()
    found = one.score()
    assert found.perfect, found.report()


@pytest.mark.long
def test_a_clean_firm_has_no_break_of_time(tmp_path: Path) -> None:
    one = firm(tmp_path / "firm", seed=11, size=60, faults="none")
    one.run()
    assert one.rows(f"select check_id, title from recon.breaks where {MINE}") == []
    assert one.rows(f"select check_id, message from recon.proofs where {MINE} and residual <> 0") == []
